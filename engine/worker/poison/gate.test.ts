/** Who is alone, who waits for whom, and for how long. */
import { afterEach, expect, test, vi } from "vitest";
import { monotonic, sleeper } from "../../std/clock.ts";
import { gateOf, type Gate } from "./gate.ts";

const long = 60_000;
afterEach(() => void vi.useRealTimers());

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const ready = async (): Promise<boolean> => true;
const endless = (): Promise<void> => new Promise(() => {});

/** What it was told, and whether the door was open then. */
function alone(gate: Gate, patienceMs: number, deed: () => Promise<void> = async () => {}) {
  const said: string[] = [];
  const over = gate.isolate(patienceMs, ready, (isAlone) => {
    said.push(`${isAlone ? "alone" : "not alone"}, ${gate.isOpen() ? "open" : "closed"}`);
    return deed();
  });
  return { said, over };
}

test("the door closes, the others finish, and it opens when the deed is done", async () => {
  const gate = gateOf(monotonic);
  const openings: boolean[] = [];
  gate.onOpen(() => openings.push(gate.isOpen()));
  const leave = gate.enter();
  const deed = Promise.withResolvers<void>();
  const { said, over } = alone(gate, long, () => deed.promise);
  await turns();
  expect([said, gate.isOpen()]).toEqual([[], false]);
  leave();
  await turns();
  expect([said, gate.isOpen()]).toEqual([["alone, closed"], false]);
  deed.resolve();
  await over;
  expect([openings, gate.isOpen()]).toEqual([[true], true]);
});

test("the door stays open until the deed may begin, and is not closed for one that may not", async () => {
  const gate = gateOf(monotonic);
  const hand = Promise.withResolvers<boolean>();
  const deeds: boolean[] = [];
  const over = gate.isolate(
    long,
    () => hand.promise,
    async (isAlone) => void deeds.push(isAlone),
  );
  await turns();
  expect([gate.isOpen(), gate.freeInMs()]).toEqual([true, Infinity]);
  hand.resolve(false);
  await over;
  expect([deeds, gate.isOpen(), gate.freeInMs()]).toEqual([[], true, 0]);
});

test("nobody waits for longer than the patience, neither the deed for the others nor they for it", async () => {
  vi.useFakeTimers();
  const gate = gateOf(monotonic);
  gate.enter(); // and never goes
  const { said } = alone(gate, 1000, endless);
  await vi.advanceTimersByTimeAsync(999);
  expect(said).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(said).toEqual(["not alone, closed"]);
  await vi.advanceTimersByTimeAsync(999);
  expect(gate.isOpen()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(gate.isOpen()).toBe(true);
});

test("it is one's turn until the deed is over, however long the door has been open again", async () => {
  vi.useFakeTimers();
  const gate = gateOf(monotonic);
  const deed = Promise.withResolvers<void>();
  const first = alone(gate, 1000, () => deed.promise);
  await vi.advanceTimersByTimeAsync(30_000);
  expect([gate.isOpen(), gate.freeInMs()]).toEqual([true, Infinity]);
  const second = alone(gate, 1000);
  await second.over;
  expect(second.said).toEqual([]);
  deed.resolve();
  await first.over;
  expect(gate.freeInMs()).toBe(0);
});

test("a deed that throws opens the door and ends its turn", async () => {
  const gate = gateOf(monotonic);
  await expect(alone(gate, long, () => Promise.reject(new Error("no"))).over).rejects.toThrow("no");
  await turns();
  expect([gate.isOpen(), gate.freeInMs() < Infinity]).toEqual([true, true]);
});

test("whoever is told of the open door is told until he says so himself, though another gave the same function", async () => {
  const gate = gateOf(monotonic);
  let told = 0;
  const listener = (): void => void told++;
  const [end] = [gate.onOpen(listener), gate.onOpen(listener)];
  end();
  await alone(gate, long).over;
  expect(told).toBe(1);
});

test.each([
  { closedMs: 200, openMs: 200 },
  { closedMs: 20_000, openMs: 5000 },
])("after $closedMs ms with a closed door it stays open for $openMs ms", async ({ closedMs, openMs }) => {
  vi.useFakeTimers();
  const gate = gateOf(monotonic);
  void alone(gate, long, () => sleeper().sleep(closedMs));
  await vi.advanceTimersByTimeAsync(closedMs);
  expect(gate.freeInMs()).toBeCloseTo(openMs);
  const early = alone(gate, long);
  await early.over;
  expect(early.said).toEqual([]);
  await vi.advanceTimersByTimeAsync(openMs);
  const { said, over } = alone(gate, long);
  await over;
  expect(said).toEqual(["alone, closed"]);
});

test("a suspect comes in when all who are watched know of it, and nobody is alone until it has gone", async () => {
  const gate = gateOf(monotonic);
  const known = Promise.withResolvers<void>();
  const told: string[] = [];
  const end = gate.onSuspect(() => {
    told.push("told");
    return known.promise;
  });
  const deed = Promise.withResolvers<void>();
  const admitted = gate.admit(() => {
    told.push("came");
    return deed.promise;
  });
  await turns();
  expect([told, gate.hasSuspects(), gate.freeInMs()]).toEqual([["told"], true, Infinity]);
  known.resolve();
  await turns();
  expect(told).toEqual(["told", "came"]);
  deed.resolve();
  await admitted;
  end();
  await gate.admit(async () => {});
  expect([told, gate.hasSuspects(), gate.freeInMs()]).toEqual([["told", "came"], false, 0]);
});
