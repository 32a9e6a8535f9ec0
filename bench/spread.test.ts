import { expect, test } from "vitest";
import { spreadOf } from "./spread.ts";

test("the middle value, and how far the others lie apart", () => {
  expect(spreadOf([10, 9, 1])).toEqual({ median: 9, least: 1, most: 10 });
  expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2, least: 1, most: 4 });
  expect(() => spreadOf([])).toThrow("no values");
});
