import { expect, test } from "vitest";
import { keysOf } from "./keys.ts";

const seconds = 1e9;
/** Every third job repeats the one before it. */
const script = { keyOf: (job: number) => (job % 3 === 2 ? job - 1 : job) };

test("a repetition is of the job that its script says, or of what was not answered before", () => {
  const keys = keysOf({ repeats: { share: 0.3, withinMs: 10_000 } }, script, []);
  expect([0, 1, 2].map((job) => keys.next(job, 0))).toEqual([0, 1, 1]);
  keys.unanswered({ first: 1, sentNs: 1 * seconds });
  keys.unanswered({ first: 3, sentNs: 4 * seconds });
  expect([4, 5, 8, 11].map((job) => keys.next(job, 5 * seconds))).toEqual([4, 1, 3, 10]);
});

test("what was not answered for too long is given up, and without repetitions there are no keys", () => {
  const keys = keysOf({ repeats: { share: 0.3, withinMs: 10_000 } }, script, []);
  keys.unanswered({ first: 1, sentNs: 1 * seconds });
  expect(keys.next(5, 12 * seconds)).toBe(4);
  expect(keysOf({}, { keyOf: () => undefined }, ["nowhere"]).next(5, 0)).toBeUndefined();
});
