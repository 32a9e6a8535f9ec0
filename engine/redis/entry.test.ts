import { expect, test } from "vitest";
import { delayedMember, delayedParts, failedOnce, span, storyOf } from "./entry.ts";

test("a new job says when it was enqueued, and a retry remembers its story", () => {
  const first = storyOf({ meta: "producer-1-0@1700000000123" });
  expect(first).toEqual({ id: "producer-1-0", failures: 0, enqueuedAt: 1_700_000_000_123, errors: [] });
  const failed = failedOnce(first, new Error("a\nb"));
  const { meta, payload } = delayedParts(delayedMember(failed, "pay\nload"));
  expect(payload).toBe("pay\nload");
  expect(storyOf({ meta })).toEqual({ ...first, failures: 1, errors: ["a\nb"] });
});

test("of many errors the first and the latest is kept, none longer than it need be", () => {
  let story = storyOf({ meta: "id@1" });
  for (let n = 1; n <= 100; n++) story = failedOnce(story, `${n} ${"x".repeat(5000)}`);
  expect(story.failures).toBe(100);
  expect(story.errors.length).toBe(2);
  expect(story.errors[0]).toMatch(/^1 x/);
  expect(story.errors.at(-1)).toMatch(/^100 x/);
  expect(Math.max(...story.errors.map(({ length }) => length))).toBe(1000);
});

test("the span of stream ids compares their parts as numbers", () => {
  expect(span(["5-10", "5-9", "4-100", "5-11", "10-0"])).toEqual(["4-100", "10-0"]);
  expect(span(["5-10"])).toEqual(["5-10", "5-10"]);
  expect(span(["17-2", "18-10", "18-9"])).toEqual(["17-2", "18-10"]);
});
