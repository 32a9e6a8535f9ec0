/**
 * How the machine fares as far as a run can see: the room on its disks, and whether the kernel ended processes for want
 * of memory.
 */
import { readFileSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { messageOf } from "../../std/user-error.ts";
import type { HealthSubject } from "./health.ts";

/**
 * Bytes. With less, a write of the store's fails now or soon. The record needs some for its end: a run that ends in
 * time still says why.
 */
const roomLeast = { data: 2 ** 20, record: 2 ** 23 } as const;

/** @param holds the run's own record, or what a server of its keeps */
export const diskHealth = (directory: string, holds: "record" | "data"): HealthSubject => ({
  of: "disk",
  async look() {
    const fatal = holds === "record" ? ({ fatal: true } as const) : {};
    try {
      const { bavail, bsize, files, ffree } = await statfs(directory);
      const room = bavail * bsize;
      if (room < roomLeast[holds])
        return {
          kind: "full",
          what: `a disk is full but for ${Math.floor(room / 1024)} KiB: that of ${directory}`,
          ...fatal,
        };
      // Some file systems have no fixed number of them, and say 0 of 0.
      if (files > 0 && ffree === 0)
        return { kind: "inodes", what: `a disk has no room for another file: that of ${directory}`, ...fatal };
      return "well";
    } catch (thrown) {
      return { kind: "gone", what: `the directory ${directory} cannot be looked at: ${messageOf(thrown)}` };
    }
  },
  [Symbol.dispose]() {},
});

/** Nothing is ever seen where the kernel does not tell, as on macOS. */
export function memoryHealth(kills: () => number | undefined = outOfMemoryKills): HealthSubject {
  let before = kills();
  return {
    of: "memory",
    async look() {
      const now = kills();
      const more = (now ?? 0) - (before ?? now ?? 0);
      before = now;
      return more > 0 ? { kind: "killed", what: "the system ran out of memory, and ended processes for it" } : "well";
    },
    [Symbol.dispose]() {},
  };
}

type Read = (file: string) => string;

/**
 * Processes of our control group, and those below it, that the kernel has ended for want of memory; undefined where it
 * does not tell. Two layouts: of version 2 `0::/path` with memory.events, of version 1 `4:memory:/path` with
 * memory.oom_control. In a container the path may be the host's, and the group be mounted without it.
 */
export function outOfMemoryKills(read: Read = (file) => readFileSync(file, "utf8")): number | undefined {
  const told = (file: string): string => {
    try {
      return read(file);
    } catch {
      return "";
    }
  };
  const groups = told("/proc/self/cgroup");
  const [first, second] = [/^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(.*)$/m, /^0::(.*)$/m].map(
    (line) => line.exec(groups)?.[1],
  );
  const files = [
    ...(first === undefined ? [] : [first, ""].map((path) => `/sys/fs/cgroup/memory${path}/memory.oom_control`)),
    ...(second === undefined ? [] : [second, ""].map((path) => `/sys/fs/cgroup${path}/memory.events`)),
  ];
  for (const file of files) {
    const count = /^oom_kill (\d+)$/m.exec(told(file))?.[1];
    if (count !== undefined) return Number(count);
  }
  return undefined;
}
