import { expect, test } from "vitest";
import { z } from "zod";
import type { Fault, Levers } from "../chaos/contract.ts";
import { orphanedProcessLever } from "../chaos/levers/process.ts";
import type { Journal } from "../history/journal-file.ts";
import type { Evidence, JournalEntry } from "../history/journal.ts";
import type { Resource } from "../history/resource.ts";
import type { Clock } from "../std/clock.ts";
import { eventually } from "../std/deadline.ts";
import { trouble, type FaultsUnderWay } from "./trouble.ts";

const unpulled = (): never => expect.fail("no fault of these tests pulls a lever");
const levers: Levers = {
  proxy: {
    links: unpulled,
    cut: unpulled,
    put: unpulled,
    reopen: unpulled,
    lift: unpulled,
    restore: unpulled,
  },
  process: orphanedProcessLever,
  store: { address: { host: "", port: 0 }, nodes: [], stop: unpulled, start: unpulled, answers: unpulled },
  clock: { bend: unpulled, read: unpulled },
};
const proven: Evidence = { proven: true, facts: {} };

const fault = (does: Partial<Pick<Fault, "meet" | "arm" | "heal">>): Fault => ({
  about: "a fault for this test",
  effect: "killed",
  needs: [],
  options: z.unknown(),
  plan: () => ({ lastsMs: 1, touches: [], relies: [] }),
  arm: async () => async () => proven,
  heal: async () => proven,
  ...does,
});

/** Time passes at once, but for whoever waits longer than that. */
const clock = (endlessMs = Number.POSITIVE_INFINITY): Clock => ({
  nowNs: () => 0,
  async until(ns, stop) {
    if (ns < endlessMs * 1e6) return;
    await new Promise<void>((resolve) => {
      if (stop?.aborted) resolve();
      stop?.addEventListener("abort", () => resolve());
    });
  },
});

function carryOut(
  faults: Readonly<Record<string, Fault>>,
  options: { stop?: AbortSignal; lastsMs?: number; journal?: Journal; touches?: readonly Resource[] } = {},
) {
  const lines: JournalEntry[] = [];
  const journal: Journal = options.journal ?? { write: (line) => void lines.push(line) };
  const schedule = Object.keys(faults).map((name) => ({
    id: `${name}-1`,
    fault: name,
    atMs: 1,
    plan: { lastsMs: options.lastsMs ?? 1, touches: options.touches ?? [], relies: [] },
  }));
  const its = trouble(
    schedule,
    faults,
    levers,
    { journal, clock: clock(options.lastsMs === undefined ? undefined : options.lastsMs / 2), handles: {} },
    0,
    options.stop ?? new AbortController().signal,
  );
  return { its, lines, types: () => lines.map(({ type }) => type) };
}

test("a fault is on file before it is armed, proven to bite, and healed", async () => {
  const { its, types } = carryOut({ kill: fault({}) });
  await its.over;
  expect(types()).toEqual(["arming", "armed", "bit", "healed"]);
  expect([its.past(), its.inForce()]).toEqual([1, []]);
});

test("what a fault touches is told from before it is armed until it is over, and for whoever looked before that", async () => {
  const seen: boolean[] = [];
  const one: { its?: FaultsUnderWay } = {};
  const look = async () =>
    void seen.push(one.its?.touched("store", 7) === true, one.its?.touched("worker:0", 7) === true);
  one.its = carryOut(
    {
      stop: fault({
        arm: async () => (await look(), async () => proven),
        heal: async () => (await look(), proven),
      }),
    },
    { touches: ["store"] },
  ).its;
  expect(one.its.touched("store", 0)).toBe(false);
  await one.its.over;
  expect(seen).toEqual([true, false, true, false]);
  expect([one.its.touched("store", 0), one.its.touched("store", 1), one.its.touched("worker:0", 0)]).toEqual([
    true,
    false,
    false,
  ]);
});

test("one that cannot be armed did not bite, and is healed all the same", async () => {
  const { its, lines } = carryOut({ kill: fault({ arm: () => Promise.reject(new Error("nobody there")) }) });
  await its.over;
  expect(lines).toContainEqual({ type: "bit", id: "kill-1", evidence: { proven: false, why: "nobody there" } });
  expect(lines.at(-1)).toEqual({ type: "healed", id: "kill-1", evidence: proven });
});

test("one that waits for those whom it is meant for is not in force before they come, nor on file", async () => {
  const come = Promise.withResolvers<void>();
  const { its, types } = carryOut({ cut: fault({ meet: () => come.promise }), kill: fault({}) });
  await eventually(() => types().filter((type) => type === "healed").length === 1, {
    deadlineMs: 30_000,
    awaited: "the other",
  });
  expect(types()).toEqual(["arming", "armed", "bit", "healed"]);
  expect(its.inForce()).toEqual([]);
  come.resolve();
  await its.over;
  expect(types().slice(4)).toEqual(["arming", "armed", "bit", "healed"]);
});

test("one that met nobody did not bite, and was never in force", async () => {
  const { its, lines, types } = carryOut({ cut: fault({ meet: () => Promise.reject(new Error("met nobody")) }) });
  await its.over;
  expect(types()).toEqual(["arming", "bit", "healed"]);
  expect(lines).toContainEqual({ type: "bit", id: "cut-1", evidence: { proven: false, why: "met nobody" } });
});

test("one that is put off when the run is stopped is not armed any more", async () => {
  const stop = new AbortController();
  const waits = (_plan: unknown, _levers: unknown, ending: AbortSignal) =>
    new Promise<void>((_, reject) => ending.addEventListener("abort", () => reject(new Error("stopped"))));
  const { its, types } = carryOut({ cut: fault({ meet: waits }) }, { stop: stop.signal });
  stop.abort();
  await its.over;
  expect(types()).toEqual([]);
});

test("heals do not wait for each other: one may need another", async () => {
  let storeIsBack = false;
  const { its, lines } = carryOut({
    kill: fault({
      heal: async () => {
        await eventually(() => storeIsBack, { deadlineMs: 30_000, awaited: "the store" });
        return proven;
      },
    }),
    stop: fault({
      heal: async () => {
        storeIsBack = true;
        return proven;
      },
    }),
  });
  await its.over;
  expect(lines.filter(({ type }) => type === "healed")).toHaveLength(2);
});

test("stopped, all that are in force are healed at once, and no other is armed", async () => {
  const stop = new AbortController();
  const { its, types } = carryOut({ kill: fault({}), cut: fault({}) }, { stop: stop.signal, lastsMs: 60_000 });
  await eventually(() => types().filter((type) => type === "bit").length === 2, {
    deadlineMs: 30_000,
    awaited: "both to bite",
  });
  expect(types()).not.toContain("healed");
  stop.abort();
  await its.over;
  expect(types().filter((type) => type === "healed")).toHaveLength(2);
});

test("a bite that ends only when it is told to does not keep the fault from being healed", async () => {
  const stop = new AbortController();
  const { its, types } = carryOut(
    {
      kill: fault({
        arm: async () => (ending) =>
          new Promise((resolve) => ending.addEventListener("abort", () => resolve({ proven: false, why: "stopped" }))),
      }),
    },
    { stop: stop.signal },
  );
  await eventually(() => types().includes("armed"), { deadlineMs: 30_000, awaited: "the fault" });
  stop.abort();
  await its.over;
  expect(types().at(-1)).toBe("healed");
});

test("a journal that cannot be written ends the run, and leaves nothing in force", async () => {
  const healed: string[] = [];
  const heals = (name: string): Fault =>
    fault({
      heal: async () => {
        healed.push(name);
        return proven;
      },
    });
  const journal: Journal = {
    write(line) {
      if (line.type === "bit" && line.id === "kill-1") throw new Error("the disk is full");
    },
  };
  const { its } = carryOut({ kill: heals("kill"), cut: heals("cut") }, { journal });
  await expect(its.over).rejects.toThrow("the disk is full");
  expect(healed.toSorted()).toEqual(["cut", "kill"]);
});
