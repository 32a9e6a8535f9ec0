import { expect, test } from "vitest";
import { answersText } from "./answers.ts";

const told = (acknowledged: number, refused: number, unknown: number): string =>
  answersText({
    planned: 0,
    sent: acknowledged + refused + unknown,
    acknowledged,
    refused,
    unknown,
    done: 0,
    dead: 0,
    startedMoreThanOnce: 0,
  });

test("tells how all enqueues were answered, and of no job that nothing was sent", () => {
  expect(told(5_000, 0, 0)).toBe("All 5,000 enqueues were acknowledged.");
  expect(told(50, 4_950, 0)).toBe("Of 5,000 enqueues 1.0 % were acknowledged, 99.0 % refused, 0.0 % left unknown.");
  expect(told(0, 0, 0)).toBe("");
});

test("rounds nothing up to all, or down to none", () => {
  expect(told(999_999, 0, 1)).toBe(
    "Of 1,000,000 enqueues 99.9 % were acknowledged, 0.0 % refused, 0.1 % left unknown.",
  );
  expect(told(0, 0, 3)).toBe("Of 3 enqueues 0.0 % were acknowledged, 0.0 % refused, 100.0 % left unknown.");
});
