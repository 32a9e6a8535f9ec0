import { expect, test } from "vitest";
import { addHandler, meanIn, noActivity } from "./activity.ts";

/** Ticks of 10 µs. */
const second = 100_000;

test("how many ran on average counts each for as long as it ran, and goes on after the last change", () => {
  const activity = noActivity();
  addHandler(activity, 0.5 * second, 1);
  addHandler(activity, 0.75 * second, 1);
  addHandler(activity, 2.25 * second, -1);
  expect([0, 1, 2, 3].map((at) => meanIn(activity, at))).toEqual([0.75, 2, 1.25, 1]);
  addHandler(activity, 4 * second, -1);
  expect([0, 1, 2, 3, 4, 5].map((at) => meanIn(activity, at))).toEqual([0.75, 2, 1.25, 1, 0, 0]);
  expect(meanIn(noActivity(), 3)).toBe(0);
});
