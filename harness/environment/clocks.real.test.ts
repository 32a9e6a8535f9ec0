/** The library that bends clocks, compiled for real, and what a user reads where it cannot be. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Resource } from "../../history/resource.ts";
import { openJournal } from "../../history/journal-file.ts";
import { monotonic } from "../../std/clock.ts";
import { UserError } from "../../std/user-error.ts";
import { deadHarness } from "../testing/dead-harness.ts";
import { scratchRun, type ScratchRun } from "./testing/scratch-run.ts";
import { sweep } from "../sweep.ts";
import { clockShim } from "./clock-shim.ts";
import { readHandles } from "./handles.ts";
import { unavailableFaults } from "./unavailable.ts";

let run: ScratchRun;
beforeEach(async () => {
  run = await scratchRun();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await run[Symbol.asyncDispose]();
});

/** A machine without a compiler and with an empty cache. */
function bareMachine(): void {
  vi.stubEnv("PATH", join(run.directory, "empty"));
  vi.stubEnv("XDG_CACHE_HOME", join(run.directory, "cache"));
  vi.stubEnv("WHITEWATER_CC", "");
}

const scheduled = (fault: string, ...touches: readonly Resource[]) => ({
  fault,
  plan: { lastsMs: 1, touches, relies: [] },
});

test("says which faults cannot be carried out, each once, and what would help", () => {
  const schedule = [
    scheduled("broker-stop", "store"),
    scheduled("clock", "clock:store"),
    scheduled("broker-stop", "store"),
    scheduled("worker-kill", "worker:0"),
    scheduled("cut", "link:worker:0"),
  ];
  expect(unavailableFaults(schedule, { redis: "127.0.0.1:6379" })).toEqual([
    { fault: "broker-stop", why: expect.stringContaining("leave --redis out") },
    { fault: "clock", why: expect.stringContaining("leave --redis out") },
  ]);
  bareMachine();
  expect(unavailableFaults([scheduled("clock", "clock:worker:0"), scheduled("worker-kill", "worker:0")], {})).toEqual([
    {
      fault: "clock",
      why: expect.stringMatching(process.platform === "linux" ? /apt-get install gcc/ : /on Linux only/),
    },
  ]);
});

test("a reset is not what arrives where ports are forwarded on the way", () => {
  const schedule = [
    { fault: "reset", plan: { ...scheduled("reset", "link:worker:0").plan, raw: true } },
    scheduled("cut", "link:worker:0"),
  ] as const;
  expect(unavailableFaults(schedule, {}, true)).toEqual([{ fault: "reset", why: expect.stringContaining("mere end") }]);
  expect(unavailableFaults(schedule, {}, false)).toEqual([]);
});

test("whoever sweeps up after a dead harness removes the files, and no directory that is not ours", async () => {
  const harness = deadHarness();
  const ours = join(run.directory, `whitewater-clocks-${harness.mark}-1`);
  const precious = join(run.directory, "whitewater-clocks-precious");
  await mkdir(ours);
  await mkdir(precious);
  run.journal.write(harness);
  for (const directory of [ours, precious]) {
    // Each sweep adds to it what it did: whoever writes after that has read it.
    const journal = openJournal(join(run.directory, "journal.jsonl"), monotonic);
    journal.write({ type: "environment", handles: { clocks: { directory, resources: ["clock:store"] } } });
    const { directories, left } = await sweep(run.directory, run.lines());
    expect(directories).toEqual(directory === ours ? [ours] : []);
    expect(left).toEqual(directory === ours ? [] : [expect.stringContaining(`${precious} carries no mark`)]);
  }
  expect([existsSync(ours), existsSync(precious)]).toEqual([false, true]);
});

describe.runIf(process.platform === "linux")("on Linux", () => {
  test("names the ways where there is no compiler, and what one says that does not compile", async () => {
    bareMachine();
    const thrown = await run.provide({ clocks: ["clock:worker:0"] }).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(UserError);
    expect(String(thrown)).toMatch(/a C compiler[^]*neither cc nor gcc nor clang[^]*apt-get install gcc/);
    const path = join(run.directory, "cc");
    await writeFile(path, "#!/bin/sh\necho 'fatal error: time.h: No such file' >&2\nexit 1\n");
    await chmod(path, 0o755);
    vi.stubEnv("WHITEWATER_CC", path);
    expect(clockShim()).toEqual({ unavailable: `${path} does not compile it: fatal error: time.h: No such file` });
    expect(await readdir(join(run.directory, "cache", "whitewater", "lib"))).toEqual([]);
  });

  test.runIf("path" in clockShim())("is compiled once, and kept", () => {
    vi.stubEnv("XDG_CACHE_HOME", join(run.directory, "cache"));
    const first = clockShim();
    bareMachine(); // from now on without a compiler
    expect(clockShim()).toEqual(first);
    expect(first).toEqual({ path: expect.stringContaining(run.directory) });
  });

  test.runIf("path" in clockShim())(
    "bends who is started under it; its files are on file before they are made, and go with the run",
    async () => {
      const { handles, variablesFor } = await run.provide({
        clocks: ["clock:worker:3", "clock:store"],
        store: "memory",
      });
      const [line] = run.lines();
      const { clocks } = readHandles(line?.type === "environment" ? line.handles : expect.fail("not on file"));
      const { directory } = clocks ?? expect.fail("no clocks on file");
      expect(readHandles(handles)).toMatchObject({ clocks, store: { variables: { LD_PRELOAD: expect.any(String) } } });
      const variables = variablesFor("worker:3");
      const file = variables["WHITEWATER_CLOCK_FILE"] ?? expect.fail("no file");
      expect(readFileSync(file)).toEqual(Buffer.alloc(8));
      expect(variablesFor("worker:0")).toEqual({});
      const year = (): string =>
        execFileSync("date", ["+%Y"], { env: { ...process.env, ...variables }, encoding: "utf8" });
      const now = Number(year());
      await writeFile(file, Buffer.from(BigInt64Array.of(-BigInt(10 * 365.25 * 86_400) * 1_000_000_000n).buffer));
      expect(Number(year())).toBe(now - 10);
      await run[Symbol.asyncDispose]();
      expect(existsSync(directory)).toBe(false);
    },
  );
});
