/**
 * The store stopped and started for real: what was on disk is there again, and a stop that did not happen is not
 * proven.
 */
import { spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import { readHandles } from "../../harness/environment/handles.ts";
import type { Evidence } from "../../history/journal.ts";
import { eventually } from "../../std/deadline.ts";
import { isAlive } from "../../std/process-identity.ts";
import { seeded } from "../../std/random.ts";
import { plain } from "../../std/json.ts";
import { nobody, scratchRun } from "../../harness/environment/testing/scratch-run.ts";
import type { Address, StoreLever } from "../contract.ts";
import { faults } from "../index.ts";
import { askOnce } from "../levers/probe.ts";
import { storeLever } from "../levers/store.ts";

afterEach(() => void vi.unstubAllEnvs());

const fault = faults["broker-stop"];
const never = new AbortController().signal;
const planFor = (how: "shutdown" | "crash") =>
  fault.plan({ lastsMs: [300, 300], how }, { workers: 1, producers: 1 }, seeded(how));

test("both ways bite and are over, with the data that was on disk, in another process that is on file", async () => {
  await using run = await scratchRun();
  const { levers, redis } = await run.provide({ store: "aof-always" });
  const { store } = levers(nobody);
  await askOnce(redis.address, "SET kept 1");
  for (const how of ["shutdown", "crash"] as const) {
    const bit = await (await fault.arm(planFor(how), { store }, never))(never);
    expect(bit).toMatchObject({ proven: true, facts: { how, connect: "ECONNREFUSED" } });
    expect(await store.answers(500)).toBe(false);
    const healed = await fault.heal(planFor(how), { store }, never);
    expect(healed).toMatchObject({ proven: true, facts: { answers: "PONG" } });
    // Each write was synced, so that of the last one before the end no more than a few are missing.
    if (how === "crash") expect(keptIn(bit, healed)).toBeGreaterThanOrEqual(0);
    else expect(keptIn(bit, healed)).toBeUndefined();
    expect(healed.proven && healed.facts["running"]).not.toBe(bit.proven && bit.facts["stopped"]);
    const { keptMs: _kept, ...facts } = healed.proven ? healed.facts : {};
    expect(await fault.heal(planFor(how), { store }, never)).toMatchObject({ proven: true, facts });
    expect(await askOnce(redis.address, "DBSIZE")).toBe(":1");
    expect(await askOnce(redis.address, "GET kept")).toBe("1");
  }
  const helpers = run.lines().flatMap((line) => (line.type === "helper" ? [line.identity] : []));
  expect(helpers.map(isAlive)).toEqual([false, false, true]);
});

test("a stop that did not happen is not proven", async () => {
  await using run = await scratchRun();
  const { levers } = await run.provide({ store: "memory" });
  const idle: StoreLever = { ...levers(nobody).store, stop: () => Promise.resolve() };
  const bite = await fault.arm(planFor("crash"), { store: idle }, never);
  expect(await bite(AbortSignal.timeout(1000))).toEqual({
    proven: false,
    why: "a new connection to the store was accepted",
  });
});

test("another process starts it again from the handles alone", async () => {
  await using run = await scratchRun();
  const environment = await run.provide();
  const { store } = environment.levers(nobody);
  const bite = await fault.arm(planFor("crash"), { store }, never);
  expect(await bite(never)).toMatchObject({ proven: true });
  const { store: handles } = readHandles(plain(environment.handles));
  if (handles === undefined || !("command" in handles)) expect.fail("no handles of a server on this machine");
  const rebuilt = storeLever(handles, (identity) =>
    run.journal.write({ type: "helper", identity, name: "redis-server" }),
  );
  await using scope = new AsyncDisposableStack();
  scope.defer(() => rebuilt.close());
  for (let time = 0; time < 2; time++) {
    expect(await fault.heal(planFor("crash"), { store: rebuilt }, never)).toMatchObject({ proven: true });
  }
});

const hasCompiler = spawnSync("cc", ["--version"]).error === undefined;

/** A store whose syncs take half a minute. */
async function onSlowDisk(run: Awaited<ReturnType<typeof scratchRun>>): ReturnType<typeof run.provide> {
  const library = join(run.directory, "slow-disk.so");
  const source = join(import.meta.dirname, "..", "testing", "slow-disk.c");
  expect(spawnSync("cc", ["-shared", "-fPIC", "-o", library, source, "-ldl"]).status).toBe(0);
  const program = join(run.directory, "slow-redis-server");
  await writeFile(program, `#!/bin/sh\nLD_PRELOAD=${library} exec redis-server "$@"\n`);
  await chmod(program, 0o755);
  vi.stubEnv("WHITEWATER_REDIS_SERVER", program);
  return run.provide();
}

/** After how many ms of the fault a write of its own was sent that is still there. */
function keptIn(bit: Evidence, healed: Evidence): number | undefined {
  const { stopped } = z.object({ stopped: z.string() }).parse(bit.proven && bit.facts);
  return z.object({ keptMs: z.record(z.string(), z.number()) }).parse(healed.proven && healed.facts).keptMs[stopped];
}

const isSyncing = async (address: Address): Promise<boolean> =>
  (await askOnce(address, "INFO persistence")).includes("aof_pending_bio_fsync:1");

// The sync begins with a write, and what is written then waits for it; after two seconds, on a busy machine, no longer.
test.skipIf(!hasCompiler)(
  `a crash says how much the store may have forgotten, and it has${hasCompiler ? "" : ", not tested here: there is no C compiler"}`,
  async () => {
    await using run = await scratchRun();
    const { levers, redis } = await onSlowDisk(run);
    const { store } = levers(nobody);
    let time = 0;
    const forgot = async (): Promise<boolean> => {
      const key = `forgotten-${++time}`;
      await askOnce(redis.address, "SET kept 1");
      if (!(await isSyncing(redis.address))) return false;
      expect(await askOnce(redis.address, `SET ${key} 1`)).toBe("+OK");
      const bit = await (await fault.arm(planFor("crash"), { store }, never))(never);
      expect(bit).toMatchObject({ proven: true, facts: { how: "crash", mayForgetMs: 2000 } });
      const healed = await fault.heal(planFor("crash"), { store }, never);
      expect(await askOnce(redis.address, "GET kept")).toBe("1");
      if ((await askOnce(redis.address, `EXISTS ${key}`)) === ":1") return false;
      expect(healed).toMatchObject({ proven: true, facts: { keptMs: {} } });
      expect(keptIn(bit, healed)).toBeUndefined();
      return true;
    };
    await eventually(forgot, { deadlineMs: 120_000, awaited: "the store to forget" });
  },
);

test.skipIf(!hasCompiler)(
  `a sync that begins between the look and the crash is reckoned with${hasCompiler ? "" : ", not tested here: there is no C compiler"}`,
  async () => {
    await using run = await scratchRun();
    const { levers, redis } = await onSlowDisk(run);
    const { store } = levers(nobody);
    let time = 0;
    const forgot = async (): Promise<boolean> => {
      const key = `forgotten-${++time}`;
      const delayed: StoreLever = {
        ...store,
        async stop(how) {
          await askOnce(redis.address, "SET kept 1");
          const syncs = await isSyncing(redis.address);
          await askOnce(redis.address, `SET ${key} 1`);
          await store.stop(how);
          if (!syncs) throw new Error("no sync began");
        },
      };
      const armed = await fault.arm(planFor("crash"), { store: delayed }, never).catch(() => undefined);
      const bit = await armed?.(never);
      const healed = await fault.heal(planFor("crash"), { store }, never);
      // On a busy machine it may have begun before the look, by a write of the fault's own.
      if (bit === undefined || (bit.proven && bit.facts["mayForgetMs"] !== 1)) return false;
      expect(bit).toMatchObject({ proven: true });
      expect(keptIn(bit, healed)).toBeGreaterThanOrEqual(0);
      return (await askOnce(redis.address, `EXISTS ${key}`)) === ":0";
    };
    await eventually(forgot, { deadlineMs: 120_000, awaited: "the store to forget" });
  },
);

test("a shutdown forgets nothing that is on disk, and all where nothing is; a crash nothing where each write is synced", async () => {
  for (const [profile, how, forgets] of [
    ["aof-everysec", "shutdown", undefined],
    ["aof-always", "crash", undefined],
    ["memory", "shutdown", expect.any(Number)],
  ] as const) {
    await using run = await scratchRun();
    const { levers } = await run.provide({ store: profile });
    const { store } = levers(nobody);
    const bit = await (await fault.arm(planFor(how), { store }, never))(never);
    expect(bit.proven && bit.facts["mayForgetMs"]).toEqual(forgets);
  }
});
