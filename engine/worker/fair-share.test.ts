import { expect, test } from "vitest";
import { fairShareOf } from "./fair-share.ts";

interface One {
  readonly name: string;
  readonly weight: number;
}
const high = { name: "high", weight: 8 };
const normal = { name: "normal", weight: 3 };
const low = { name: "low", weight: 1 };
const all = [low, normal, high];
const turns = () => fairShareOf<One>(({ weight }) => weight);

const counted = (names: readonly (string | undefined)[]): Record<string, number> =>
  Object.fromEntries(all.map(({ name }) => [name, names.filter((one) => one === name).length]));

test("who wants all the time gets as many turns as its weight says", () => {
  const { next } = turns();
  const names = Array.from({ length: 1200 }, () => next(all)?.name);
  const { high: highs = 0, normal: normals = 0, low: lows = 0 } = counted(names);
  expect([highs / 100, normals / 100, lows / 100].map(Math.round)).toEqual([8, 3, 1]);
  // Nobody waits for longer than it takes the others to have theirs.
  const lowAt = names.flatMap((name, at) => (name === "low" ? [at] : []));
  expect(Math.max(...lowAt.slice(1).map((at, n) => at - (lowAt[n] ?? 0)))).toBeLessThanOrEqual(13);
});

test("who comes back from a long rest makes up for a few turns, not for all", () => {
  const { next } = turns();
  for (let turn = 0; turn < 1000; turn++) next([low, normal]);
  const { high: highs = 0 } = counted(Array.from({ length: 24 }, () => next(all)?.name));
  expect(highs).toBeGreaterThanOrEqual(16);
  expect(highs).toBeLessThanOrEqual(20);
});

test("of many turns at once, each gets its share, and what is the others' is left for them", () => {
  const { share } = turns();
  expect(share(high, all, 120)).toBe(80);
  expect(share(normal, [normal, low], 40)).toBe(30);
  expect(share(low, [low], 10)).toBe(10);
});

test("of single turns, who is refused one gets a later one", () => {
  const { share } = turns();
  const given: string[] = [];
  for (let turn = 0; turn < 120; turn++)
    for (const one of all) {
      if (share(one, all, 1) === 0) continue;
      given.push(one.name);
      break;
    }
  expect(counted(given)).toEqual({ high: 80, normal: 30, low: 10 });
});

test("where nobody wants, it is nobody's turn", () => {
  expect(turns().next([])).toBeUndefined();
});
