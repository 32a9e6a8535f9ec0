import { expect, test } from "vitest";
import { seeded } from "../../std/random.ts";
import { orders, sizesFor } from "./course.ts";

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

test("sizes follow the slowest, within bounds, unless the backlog is given", () => {
  const pace = (perSecond: number, undisturbed: number) => ({ perSecond, undisturbed });
  expect(sizesFor(pace(8000, 20_000), undefined, 0)).toEqual({ backlogJobs: 2000, offeredPerSecond: 2400 });
  expect(sizesFor(pace(1e6, 1e6), undefined, 0).backlogJobs).toBe(4000);
  expect(sizesFor(pace(1, 2), undefined, 0)).toEqual({ backlogJobs: 200, offeredPerSecond: 1 });
  expect(sizesFor(pace(8000, 20_000), 77, 0).backlogJobs).toBe(77);
});

test("where handlers wait, each has many jobs", () => {
  const pace = { perSecond: 300, undisturbed: 300 };
  expect(sizesFor(pace, undefined, 100).backlogJobs).toBe(2000);
  expect(sizesFor(pace, 77, 100).backlogJobs).toBe(77);
});
