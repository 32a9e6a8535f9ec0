import { expect, test } from "vitest";
import { seeded } from "../../std/random.ts";
import { orders, shortestRound, sizesFor, usual } from "./course.ts";

const drawn = (seed: string): readonly (readonly string[])[] => {
  const order = orders(["a", "b", "c"], seeded(seed));
  return Array.from({ length: 20 }, () => order());
};

test("every order is followed by its reverse, and all take part in each", () => {
  const all = drawn("1");
  for (const [index, order] of all.entries()) {
    expect(order.toSorted()).toEqual(["a", "b", "c"]);
    if (index % 2 === 1) expect(order).toEqual(all[index - 1]?.toReversed());
  }
  expect(new Set(all.map((order) => order.join(""))).size).toBeGreaterThan(2);
});

test("the seed draws them", () => {
  expect(drawn("1")).toEqual(drawn("1"));
  expect(drawn("1")).not.toEqual(drawn("2"));
});

const sized = (perSecond: number, undisturbed: number, jobs?: number) =>
  sizesFor({ perSecond, undisturbed }, jobs, { a: 0, b: 0 }, usual, 60);

test("sizes follow the slowest, within bounds, unless the backlog is given", () => {
  expect(sized(8000, 20_000)).toEqual({ backlogJobs: { a: 2000, b: 2000 }, offeredPerSecond: 2400 });
  expect(sized(1e6, 1e6).backlogJobs).toEqual({ a: 4000, b: 4000 });
  expect(sized(1, 2)).toEqual({ backlogJobs: { a: 200, b: 200 }, offeredPerSecond: 1 });
  expect(sized(8000, 20_000, 77).backlogJobs).toEqual({ a: 77, b: 77 });
});

const running = (durationMs: readonly [number, number]) => ({ ...usual, work: { ...usual.work, durationMs } });

test("where handlers wait, each has many jobs, and less where they wait for long", () => {
  const [pace, waiting] = [
    { perSecond: 300, undisturbed: 300 },
    { few: 10, many: 100 },
  ];
  const backlogs = (durationMs: readonly [number, number], jobs?: number) =>
    sizesFor(pace, jobs, waiting, running(durationMs), 20).backlogJobs;
  expect(backlogs([0, 60])).toEqual({ few: 200, many: 2000 });
  expect(backlogs([60, 60])).toEqual({ few: 140, many: 1400 });
  expect(backlogs([5000, 5000])).toEqual({ few: 50, many: 500 });
  expect(backlogs([0, 60], 77)).toEqual({ few: 77, many: 77 });
});

test("a round is as long as its handlers need", () => {
  expect(shortestRound(2, usual)).toBe(10);
  expect(shortestRound(2, running([0, 60]))).toBe(12);
  expect(shortestRound(2, running([5000, 5000]))).toBe(220);
});
