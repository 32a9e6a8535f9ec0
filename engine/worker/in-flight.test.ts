import { expect, test } from "vitest";
import type { PendingEntry } from "../redis/entry.ts";
import { nothingInFlight } from "./in-flight.ts";

const held = (...entries: readonly string[]): readonly PendingEntry[] =>
  entries.map((entry) => ({ entry, deliveries: 1, meta: "", payload: "" }));

test("what others left behind is started first, each entry once, and stays in flight until it is dropped", () => {
  const inFlight = nothingInFlight(2 ** 18);
  inFlight.take(held("a", "b"), "back");
  inFlight.take(held("c", "a"), "front");
  expect([inFlight.waiting, inFlight.reclaimed]).toEqual([3, 1]);
  expect([inFlight.next()?.entry, inFlight.next()?.entry, inFlight.next()?.entry, inFlight.next()]).toEqual([
    "c",
    "a",
    "b",
    undefined,
  ]);
  expect([inFlight.waiting, inFlight.size]).toEqual([0, 3]);
  inFlight.drop("a");
  inFlight.take(held("a", "b"), "back");
  expect([inFlight.next()?.entry, inFlight.next(), inFlight.size]).toEqual(["a", undefined, 3]);
});

test("dropping what waits leaves what was started", () => {
  const inFlight = nothingInFlight(2 ** 18);
  inFlight.take(held("a", "b"), "back");
  inFlight.take(held("c", "d"), "front");
  inFlight.next();
  expect(inFlight.close().map(({ entry }) => entry)).toEqual(["d", "a", "b"]);
  expect([inFlight.waiting, inFlight.size, inFlight.next()]).toEqual([0, 1, undefined]);
});

test("what is known includes what comes and goes while it is looked at", () => {
  const inFlight = nothingInFlight(2 ** 18);
  inFlight.take(held("a"), "back");
  const known = inFlight.known();
  inFlight.take(held("b"), "back");
  inFlight.drop("b");
  expect([...known.entries]).toEqual(["a", "b"]);
  known.forget();
  inFlight.take(held("c"), "back");
  expect([...known.entries]).toEqual(["a", "b"]);
});

test("what is kept is in flight and not started, its end is awaited, and a closed one takes nothing", async () => {
  const inFlight = nothingInFlight(2 ** 18);
  const known = inFlight.known();
  inFlight.keep("a");
  inFlight.take(held("a"), "front");
  expect([inFlight.size, inFlight.waiting, [...known.entries]]).toEqual([1, 0, ["a"]]);
  let gone = false;
  const waiting = inFlight.gone("a").then(() => (gone = true));
  await Promise.resolve();
  expect(gone).toBe(false);
  inFlight.drop("a");
  await waiting;
  await inFlight.gone("a");
  inFlight.close();
  inFlight.take(held("b"), "back");
  expect([inFlight.size, inFlight.next()]).toEqual([0, undefined]);
});

test("there is room for as many of the largest as it bears beside what it has, and for one when it is empty", () => {
  const MiB = 2 ** 20;
  const each = [MiB, 64 * MiB, 31 * MiB].map(nothingInFlight);
  const rooms = (): readonly number[] => each.map((inFlight) => inFlight.room());
  expect(rooms()).toEqual([64, 1, 2]);
  const sized = (entry: string, payload: string): PendingEntry => ({ entry, deliveries: 1, meta: "", payload });
  for (const inFlight of each) {
    inFlight.take([sized("a", "x".repeat(MiB)), sized("b", "ü".repeat(MiB))], "back");
    inFlight.keep("c");
  }
  expect(rooms()).toEqual([61, 0, 1]);
  for (const inFlight of each) inFlight.take([sized("a", "x".repeat(MiB))], "front");
  expect(rooms()).toEqual([61, 0, 1]);
  for (const inFlight of each) {
    inFlight.next();
    for (const entry of ["a", "a", "b", "c", "d"]) inFlight.drop(entry);
  }
  expect(rooms()).toEqual([64, 1, 2]);
});
