import { expect, test } from "vitest";
import { diskHealth, memoryHealth, outOfMemoryKills } from "./machine-health.ts";

const machine =
  (files: Readonly<Record<string, string>>) =>
  (file: string): string => {
    const text = files[file];
    if (text === undefined) throw new Error(`ENOENT ${file}`);
    return text;
  };

test.each<[string, Readonly<Record<string, string>>, number | undefined]>([
  [
    "version 2",
    {
      "/proc/self/cgroup": "0::/user.slice/run\n",
      "/sys/fs/cgroup/user.slice/run/memory.events": "low 0\nhigh 0\nmax 8\noom 3\noom_kill 2\noom_group_kill 1\n",
    },
    2,
  ],
  [
    "version 2 in a container that sees the host's path",
    { "/proc/self/cgroup": "0::/docker/7\n", "/sys/fs/cgroup/memory.events": "oom 1\noom_kill 1\n" },
    1,
  ],
  [
    "version 1",
    {
      "/proc/self/cgroup": "5:devices:/\n4:memory:/run/7\n0::/\n",
      "/sys/fs/cgroup/memory/run/7/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 5\n",
    },
    5,
  ],
  [
    "version 1 in a container that sees the host's path, beside other controllers",
    {
      "/proc/self/cgroup": "4:cpu,memory:/docker/7\n",
      "/sys/fs/cgroup/memory/memory.oom_control": "oom_kill 0\n",
    },
    0,
  ],
  [
    "a kernel that does not count them",
    { "/proc/self/cgroup": "4:memory:/\n", "/sys/fs/cgroup/memory/memory.oom_control": "under_oom 0\n" },
    undefined,
  ],
  ["macOS", {}, undefined],
])("out-of-memory kills of %s", (_what, files, kills) => {
  expect(outOfMemoryKills(machine(files))).toBe(kills);
});

const untouched = () => false;

test("a kill is seen once, as is the next one; where the kernel does not tell, none is", async () => {
  let kills: number | undefined = 7;
  using memory = memoryHealth(() => kills);
  expect(await memory.look(untouched)).toBe("well");
  kills = 8;
  expect(await memory.look(untouched)).toMatchObject({ what: expect.stringContaining("ran out of memory") });
  expect(await memory.look(untouched)).toBe("well");
  kills = 10;
  expect(await memory.look(untouched)).toMatchObject({ what: expect.stringContaining("ran out of memory") });
  kills = undefined;
  expect(await memory.look(untouched)).toBe("well");
  using silent = memoryHealth(() => undefined);
  expect(await silent.look(untouched)).toBe("well");
});

test("a disk with room is well, a directory that is gone is not", async () => {
  using here = diskHealth(import.meta.dirname, "record");
  expect(await here.look(untouched)).toBe("well");
  using gone = diskHealth("no/such/directory", "data");
  expect(await gone.look(untouched)).toMatchObject({ kind: "gone" });
});
