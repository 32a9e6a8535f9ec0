/**
 * Real servers that get into trouble which no fault made: each is told once, by name, with the moment at which all was
 * still well.
 */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { askOnce, openProbe } from "../../chaos/levers/probe.ts";
import { proxyControl } from "../../chaos/levers/proxy.ts";
import { answersPing } from "../../chaos/levers/store.ts";
import type { JournalLine } from "../../history/journal.ts";
import type { Resource } from "../../history/resource.ts";
import { monotonic } from "../../std/clock.ts";
import { eventually } from "../../std/deadline.ts";
import { signal } from "../../std/process-identity.ts";
import { nobody, scratchRun, type ScratchRun } from "./testing/scratch-run.ts";
import { canMount, smallDisk } from "./testing/small-disk.ts";
import { textOf } from "./address.ts";
import { watchHealth } from "./health.ts";
import type { Environment } from "./provide.ts";
import { storeHealth } from "./store-health.ts";

const deadlineMs = 90_000;
const timeout = 300_000;

let run: ScratchRun;
beforeEach(async () => {
  run = await scratchRun();
});
afterEach(() => run[Symbol.asyncDispose]());

type Line<Type extends JournalLine["type"]> = Extract<JournalLine, { readonly type: Type }>;
const linesOf = <Type extends JournalLine["type"]>(type: Type): readonly Line<Type>[] =>
  run.lines().filter((line): line is Line<Type> => line.type === type);

interface Watched extends AsyncDisposable {
  readonly lost: readonly string[];
  /** What is touched by a fault from now on. */
  touches(resources: readonly Resource[]): void;
  found(): Promise<Line<"trouble">>;
}

function watch(environment: Environment): Watched {
  const lost: string[] = [];
  let touched: readonly Resource[] = [];
  let untilNs = 0;
  const health = watchHealth(environment.subjects(run.directory), {
    clock: monotonic,
    journal: run.journal,
    touched: (resource, sinceNs) => touched.includes(resource) || sinceNs < untilNs,
    lost: (why) => void lost.push(why),
  });
  return {
    lost,
    touches(resources) {
      touched = resources;
      if (resources.length === 0) untilNs = monotonic.nowNs();
    },
    found: () => eventually(() => linesOf("trouble")[0], { deadlineMs, awaited: "trouble to be told" }),
    [Symbol.asyncDispose]: () => health[Symbol.asyncDispose](),
  };
}

const kill = (name: string): number => {
  const helper = linesOf("helper").find((line) => line.name === name);
  if (helper === undefined || !signal(helper.identity, "SIGKILL")) throw new Error(`no ${name} to kill`);
  return monotonic.nowNs();
};

test("while all is well nothing is told, also by the last look", { timeout }, async () => {
  const environment = await run.provide({ needsProxy: true });
  await environment.createLink("link:worker:0", "commands");
  await watch(environment)[Symbol.asyncDispose]();
  expect(linesOf("trouble")).toEqual([]);
});

test("a store that somebody killed", { timeout }, async () => {
  const environment = await run.provide();
  const { address } = environment.redis;
  await using watched = watch(environment);
  const killedNs = kill("redis-server");
  const line = await watched.found();
  expect(line).toMatchObject({ of: "store", what: expect.stringContaining(textOf(address)) });
  expect(line.what).toContain("ended with SIGKILL, and not by the run");
  expect(line.from).toBeLessThan(killedNs);
  expect(watched.lost).toEqual(["it cannot go on without its store"]);
});

test("one that was killed just before the watch ended", { timeout }, async () => {
  const watched = watch(await run.provide());
  kill("redis-server");
  await watched[Symbol.asyncDispose]();
  expect(linesOf("trouble")).toMatchObject([{ of: "store" }]);
});

test("a node of a cluster, by its own address", { timeout }, async () => {
  const environment = await run.provide({ cluster: true });
  await using watched = watch(environment);
  kill("redis-server");
  expect((await watched.found()).what).toContain(textOf(environment.redis.address));
});

test("a stop and a start by a fault are none", { timeout }, async () => {
  const environment = await run.provide();
  const { store } = environment.levers(nobody);
  const watched = watch(environment);
  for (const how of ["crash", "shutdown"] as const) {
    watched.touches(["store"]);
    await store.stop(how);
    await store.start();
    watched.touches([]);
  }
  await watched[Symbol.asyncDispose]();
  expect(linesOf("trouble")).toEqual([]);
});

test("a store that stands still", { timeout }, async () => {
  const environment = await run.provide();
  await using watched = watch(environment);
  const [helper] = linesOf("helper");
  if (helper === undefined) throw new Error("no helper");
  signal(helper.identity, "SIGSTOP");
  expect((await watched.found()).what).toMatch(/the store at .* did not answer for 5 s/);
  signal(helper.identity, "SIGCONT");
});

test(
  "a store that is at work on one command for ever is well: for that those answer who sent it",
  { timeout },
  async () => {
    const { redis } = await run.provide();
    await askOnce(redis.address, "CONFIG SET busy-reply-threshold 0"); // it says nothing at all meanwhile
    using busy = await openProbe(redis.address);
    busy.say('EVAL "while true do end" 0');
    await eventually(async () => !(await answersPing(redis.address, 500)), { deadlineMs, awaited: "its silence" });
    using health = storeHealth(redis.address, redis.store?.servers[0]);
    expect(await health.look(() => false)).toBe("well");
    using strange = storeHealth(redis.address, undefined);
    expect(await strange.look(() => false)).toMatchObject({ kind: "silent" });
  },
);

test("a store of somebody else's that has used up its memory, and one that throws keys away", { timeout }, async () => {
  const somebody = await run.provide();
  const environment = await run.provide({ redis: textOf(somebody.redis.address) });
  const { address } = environment.redis;
  await using watched = watch(environment);
  await askOnce(address, "CONFIG SET maxmemory 1");
  expect((await watched.found()).what).toMatch(/the store at .* has used up its memory: \d+ of 1 bytes/);
  await askOnce(address, "SET a b").catch(() => {}); // refused
  await askOnce(address, "CONFIG SET maxmemory 0");
  await askOnce(address, "SET a b");
  await askOnce(address, "CONFIG SET maxmemory-policy allkeys-lru");
  await askOnce(address, "CONFIG SET maxmemory 1");
  await askOnce(address, "PING"); // the limit is kept before a command, not by the setting
  await eventually(() => linesOf("trouble").some(({ what }) => /threw away \d+ keys/.test(what)), {
    deadlineMs,
    awaited: "the loss of a key to be told",
  });
  expect(watched.lost).toEqual([]);
});

test("a store of somebody else's that was started again", { timeout }, async () => {
  const somebody = await run.provide();
  const environment = await run.provide({ redis: textOf(somebody.redis.address) });
  const { store } = somebody.levers(nobody);
  await using watched = watch(environment);
  // It has looked once by then: the proof is that it knows of another life.
  await eventually(
    async () => /cmdstat_info:calls=[2-9]/.test(await askOnce(environment.redis.address, "INFO commandstats")),
    { deadlineMs, awaited: "a look" },
  );
  await store.stop("shutdown");
  await store.start();
  expect((await watched.found()).what).toContain("was started again, and not by the run");
});

test("a Toxiproxy that somebody killed, whatever faults are in force", { timeout }, async () => {
  const environment = await run.provide({ needsProxy: true });
  await environment.createLink("link:worker:0", "commands");
  await using watched = watch(environment);
  watched.touches(["link:worker:0"]);
  kill("toxiproxy-server");
  const line = await watched.found();
  expect(line).toMatchObject({ of: "proxy", what: expect.stringContaining("ended with SIGKILL, and not by the run") });
  expect(watched.lost).toEqual(["it cannot go on without its proxy"]);
});

test("a proxy that somebody closed; one that a fault closed is none", { timeout }, async () => {
  const environment = await run.provide({ needsProxy: true });
  const touched = await environment.createLink("link:worker:0", "commands");
  const other = await environment.createLink("link:worker:1", "commands");
  const api = environment.toxiproxy?.api;
  if (api === undefined) throw new Error("no Toxiproxy");
  await using watched = watch(environment);
  watched.touches(["link:worker:0"]);
  await proxyControl(api).cut(touched);
  await proxyControl(api).cut(other);
  const line = await watched.found();
  expect(line.what).toContain(`the proxy ${other.name} is closed, and no fault is in force on it`);
  expect(watched.lost).toEqual([]);
});

test.runIf(canMount)("a full disk under the store (needs Linux and root, to mount one)", { timeout }, async () => {
  using disk = smallDisk(8);
  vi.stubEnv("TMPDIR", disk.path);
  try {
    const environment = await run.provide();
    await using watched = watch(environment);
    const told = (what: RegExp): boolean => linesOf("trouble").some((line) => what.test(line.what));
    const text = "x".repeat(50_000);
    await eventually(
      async () => {
        await askOnce(environment.redis.address, `SET key ${text}`).catch(() => {}); // refused once the disk is full
        return told(/cannot write its append-only file.*No space left on device/) && told(/a disk is full but for/);
      },
      { deadlineMs, awaited: "the full disk to be told", everyMs: 1 },
    );
    expect(watched.lost).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    await run[Symbol.asyncDispose]();
  }
});
