/**
 * Suspects beside jobs that take long: how long anybody waits, whose hand they run in, and which of their runs count.
 */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { PendingEntry } from "../../redis/entry.ts";
import type { Isolated, Suspect } from "../../redis/steps.ts";
import { monotonic } from "../../std/clock.ts";
import { chance } from "../../std/random.ts";
import { handlerSlots } from "../handler-slots.ts";
import { nothingInFlight } from "../in-flight.ts";
import { processExit } from "../process-exit.ts";
import { gateOf, type Gate } from "./gate.ts";
import { quarantineOf } from "./quarantine.ts";

const closedMs = 1000;
const patienceMs = 30_000;
const heldOf = (entry: string): PendingEntry => ({ entry, deliveries: 3, meta: "", payload: entry });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A worker with so many slots, in a process of its own, and what its broker has of suspects. */
function workerOf(size: number, gate: Gate = gateOf(monotonic)) {
  const aside = new Map<string, Suspect>();
  const records = new Set<string>();
  const starts: string[] = [];
  const ends = new Map<string, () => void>();
  const inFlight = nothingInFlight(2 ** 18);
  const stop = new AbortController();
  const slots = handlerSlots(size);
  let isUrgent = false;
  const begin = (entry: string): void => {
    starts.push(entry);
    const leave = gate.enter();
    ends.set(entry, () => {
      leave();
      slots.giveBack();
      inFlight.drop(entry);
    });
  };
  const quarantine = quarantineOf(
    {
      name: "me",
      steps: {
        suspects: async () => [...aside.values()],
        async isolate(_, entry, alone): Promise<Isolated> {
          if (!aside.delete(entry)) return { state: "gone" };
          if (alone) records.add(entry);
          return { state: "taken", held: heldOf(entry), killed: 0 };
        },
        async absolve(_, entry) {
          records.delete(entry);
          return true;
        },
      },
      patience: async () => {},
    },
    inFlight,
    { start: ({ entry }) => begin(entry), poison: () => expect.fail("nobody is poisoned here") },
    { taking: stop.signal, holds: () => true, lose: () => expect.fail("nobody is lost here") },
    {
      settings: { leaseMs: 4 * closedMs, graceMs: patienceMs, maxDeliveries: 3 },
      slots,
      capacity: { isUrgent: () => isUrgent },
      runtime: { time: monotonic, chance, gate, exit: processExit(), failed: (error) => expect.fail(String(error)) },
    },
  );
  return {
    gate,
    records,
    starts,
    stop: () => stop.abort(),
    /** There is work of the dead. */
    hurry: (is: boolean) => void (isUrgent = is),
    /** An innocent job, as the capacity would start it. */
    start(entry: string) {
      slots.take();
      begin(entry);
    },
    end: (entry: string) => ends.get(entry)?.(),
    suspect(isNew: boolean, ...entries: readonly string[]) {
      for (const entry of entries) aside.set(entry, { entry, isNew });
      quarantine.wake();
    },
    owned: () => inFlight.size,
  };
}

const pass = (ms: number): Promise<unknown> => vi.advanceTimersByTimeAsync(ms);

test("beside a job that takes long, a suspect is kept waiting and keeps others waiting for a moment each", async () => {
  const worker = workerOf(2);
  worker.start("long");
  worker.suspect(false, "suspect");
  await pass(closedMs - 1);
  expect([worker.starts, worker.gate.isOpen()]).toEqual([["long"], false]);
  await pass(1);
  expect([worker.starts, worker.gate.isOpen()]).toEqual([["long", "suspect"], false]);
  await pass(closedMs);
  expect([worker.gate.isOpen(), [...worker.records]]).toEqual([true, ["suspect"]]);
  worker.end("suspect");
  await pass(1);
  expect([...worker.records]).toEqual([]);
  worker.stop();
});

test("while every hand is taken the door is open, and nothing is anybody's that cannot start", async () => {
  const worker = workerOf(1);
  worker.start("long");
  worker.suspect(false, "suspect");
  await pass(20_000);
  expect([worker.gate.isOpen(), worker.owned(), worker.starts]).toEqual([true, 0, ["long"]]);
  worker.end("long");
  await pass(1);
  expect(worker.starts).toEqual(["long", "suspect"]);
  worker.stop();
});

test("one suspect after the other is on record in a process, and the next not before the one before is over", async () => {
  const worker = workerOf(4);
  worker.suspect(false, "a", "b");
  await pass(20_000);
  const [first = ""] = worker.starts;
  expect([worker.starts.length, [...worker.records]]).toEqual([1, [first]]);
  worker.end(first);
  await pass(20_000);
  expect([worker.starts.length, worker.records.has(first), worker.records.size]).toEqual([2, false, 1]);
  worker.stop();
});

test("who has waited for its patience runs among others, whose run does not count from then on", async () => {
  const worker = workerOf(4);
  worker.suspect(false, "a", "b", "c");
  await pass(patienceMs);
  expect([worker.starts.length, worker.records.size]).toEqual([1, 1]);
  await pass(2000);
  expect([worker.starts.toSorted(), worker.records.size]).toEqual([["a", "b", "c"], 0]);
  // As long as one of them is there, nobody is on record.
  for (const entry of worker.starts.slice(0, 2)) worker.end(entry);
  worker.suspect(false, "d");
  await pass(20_000);
  expect(worker.starts.length).toBe(3);
  worker.end(worker.starts[2] ?? "");
  await pass(2000);
  expect([worker.starts.length, [...worker.records]]).toEqual([4, ["d"]]);
  worker.stop();
});

test("new suspects run together where the process is empty, and among others where it is not", async () => {
  const empty = workerOf(4);
  empty.suspect(true, "a", "b", "c");
  await pass(1);
  expect([empty.starts.toSorted(), empty.gate.isOpen(), empty.records.size]).toEqual([["a", "b", "c"], false, 0]);
  empty.stop();

  const busy = workerOf(4);
  busy.start("long");
  busy.start("longer");
  busy.suspect(true, "a", "b", "c");
  await pass(closedMs + 100);
  expect([busy.starts.length, busy.gate.isOpen(), busy.owned()]).toEqual([4, true, 2]);
  await pass(patienceMs + 2000);
  expect(busy.starts.length).toBe(4); // the hands are full
  busy.end("long");
  await pass(1);
  expect([busy.starts.length, busy.records.size]).toEqual([5, 0]);
  busy.stop();
});

test("two parts of a process share its turn, and a late one of one part is told to the other", async () => {
  const gate = gateOf(monotonic);
  const [one, other] = [workerOf(4, gate), workerOf(4, gate)];
  one.suspect(false, "a");
  await pass(1);
  other.suspect(false, "b");
  await pass(20_000);
  expect([one.records.size, other.starts]).toEqual([1, []]);
  await pass(12_000);
  expect([other.starts, one.records.size, other.records.size]).toEqual([["b"], 0, 0]);
  one.stop();
  other.stop();
});

test("what the dead held goes first, also where a suspect waited for a hand meanwhile", async () => {
  const worker = workerOf(1);
  worker.hurry(true);
  worker.suspect(false, "suspect");
  await pass(5000);
  expect([worker.starts, worker.gate.isOpen()]).toEqual([[], true]);
  worker.hurry(false);
  worker.start("long");
  await pass(1000);
  worker.hurry(true);
  worker.end("long");
  await pass(100);
  expect([worker.starts, worker.gate.isOpen()]).toEqual([["long"], true]);
  worker.start("of the dead");
  worker.hurry(false);
  worker.end("of the dead");
  await pass(1000);
  expect(worker.starts).toEqual(["long", "of the dead", "suspect"]);
  worker.stop();
});
