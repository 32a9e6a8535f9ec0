import { expect, test } from "vitest";
import type { Held } from "./entry.ts";
import { emptyHand } from "./hand.ts";

const held = (...entries: readonly string[]): readonly Held[] =>
  entries.map((entry) => ({ entry, deliveries: 1, meta: "", payload: "" }));

test("what others left behind is started first, each entry once, and stays in hand until it is dropped", () => {
  const hand = emptyHand();
  hand.take(held("a", "b"), "back");
  hand.take(held("c", "a"), "front");
  expect([hand.waiting, hand.reclaimed]).toEqual([3, 1]);
  expect([hand.next()?.entry, hand.next()?.entry, hand.next()?.entry, hand.next()]).toEqual(["c", "a", "b", undefined]);
  expect([hand.waiting, hand.size]).toEqual([0, 3]);
  hand.drop("a");
  hand.take(held("a", "b"), "back");
  expect([hand.next()?.entry, hand.next(), hand.size]).toEqual(["a", undefined, 3]);
});

test("dropping what waits leaves what was started", () => {
  const hand = emptyHand();
  hand.take(held("a", "b"), "back");
  hand.take(held("c", "d"), "front");
  hand.next();
  expect(hand.close().map(({ entry }) => entry)).toEqual(["d", "a", "b"]);
  expect([hand.waiting, hand.size, hand.next()]).toEqual([0, 1, undefined]);
});

test("what is known includes what comes and goes while it is looked at", () => {
  const hand = emptyHand();
  hand.take(held("a"), "back");
  const known = hand.known();
  hand.take(held("b"), "back");
  hand.drop("b");
  expect([...known.entries]).toEqual(["a", "b"]);
  known.forget();
  hand.take(held("c"), "back");
  expect([...known.entries]).toEqual(["a", "b"]);
});

test("what is kept is in hand and not started, its end is awaited, and a closed hand takes nothing", async () => {
  const hand = emptyHand();
  const known = hand.known();
  hand.keep("a");
  hand.take(held("a"), "front");
  expect([hand.size, hand.waiting, [...known.entries]]).toEqual([1, 0, ["a"]]);
  let gone = false;
  const waiting = hand.gone("a").then(() => (gone = true));
  await Promise.resolve();
  expect(gone).toBe(false);
  hand.drop("a");
  await waiting;
  await hand.gone("a");
  hand.close();
  hand.take(held("b"), "back");
  expect([hand.size, hand.next()]).toEqual([0, undefined]);
});

test("there is room for as many of the largest as it bears beside what it has, and for one when it is empty", () => {
  const hand = emptyHand();
  const MiB = 2 ** 20;
  expect([hand.room(MiB), hand.room(64 * MiB)]).toEqual([64, 1]);
  const sized = (entry: string, payload: string): Held => ({ entry, deliveries: 1, meta: "", payload });
  hand.take([sized("a", "x".repeat(MiB)), sized("b", "ü".repeat(MiB))], "back");
  hand.keep("c");
  expect([hand.room(MiB), hand.room(64 * MiB), hand.room(31 * MiB)]).toEqual([61, 0, 1]);
  hand.take([sized("a", "x".repeat(MiB))], "front");
  expect(hand.room(MiB)).toBe(61);
  hand.next();
  for (const entry of ["a", "a", "b", "c", "d"]) hand.drop(entry);
  expect(hand.room(MiB)).toBe(64);
});
