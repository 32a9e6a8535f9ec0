/** The same error over and over is told at once, and then once with a count for each ten seconds. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { everyMs, repeatedErrors } from "./repeated-errors.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function listening(): { readonly heard: string[]; readonly errors: ReturnType<typeof repeatedErrors> } {
  const heard: string[] = [];
  return { heard, errors: repeatedErrors(({ message }) => heard.push(message)) };
}

test("one is told at once, its repetitions with their count, and when it comes no more there is silence", () => {
  const { heard, errors } = listening();
  for (let n = 0; n < 58; n++) errors.report(new Error("connect ECONNREFUSED 127.0.0.1:6379"));
  expect(heard).toEqual(["connect ECONNREFUSED 127.0.0.1:6379"]);
  vi.advanceTimersByTime(everyMs);
  expect(heard.slice(1)).toEqual(["connect ECONNREFUSED 127.0.0.1:6379 (57 more of these in 10 s)"]);
  errors.report(new Error("connect ECONNREFUSED 127.0.0.1:6379"));
  vi.advanceTimersByTime(everyMs);
  expect(heard.slice(2)).toEqual(["connect ECONNREFUSED 127.0.0.1:6379 (1 more of these in 10 s)"]);
  vi.advanceTimersByTime(10 * everyMs);
  expect(heard.length).toBe(3);
  errors.report(new Error("connect ECONNREFUSED 127.0.0.1:6379"));
  expect(heard.length).toBe(4);
});

test("those that differ by numbers alone are the same, and of different ones no more than a hundred are told apart", () => {
  const { heard, errors } = listening();
  for (let n = 0; n < 1000; n++) errors.report(new Error(`MOVED ${n} 127.0.0.1:${7000 + n}`));
  expect(heard.length).toBe(1);
  const letters = (n: number): string => n.toString().replaceAll(/\d/g, (digit) => "abcdefghij"[Number(digit)] ?? "");
  for (let n = 0; n < 10_000; n++) errors.report(new Error(`unknown ${letters(n)}`));
  expect(heard.length).toBeLessThanOrEqual(101);
  vi.advanceTimersByTime(everyMs);
  expect(heard.length).toBeLessThanOrEqual(202);
});

test("what was counted is told at the end, and nothing after it", () => {
  const { heard, errors } = listening();
  for (let n = 0; n < 3; n++) errors.report(new Error("away"));
  errors.end();
  expect(heard).toEqual(["away", "away (2 more of these in 10 s)"]);
  expect(vi.getTimerCount()).toBe(0);
});

test("whatever was thrown is told as an Error", () => {
  const { heard, errors } = listening();
  errors.report(Object.create(null));
  errors.report("a text");
  expect(heard).toEqual(["an object was thrown", "a text"]);
});

test.each<[name: string, fail: (() => unknown) | undefined, times: number]>([
  ["throws", () => { throw new Error("the log is full"); }, 2], // prettier-ignore
  ["is rejected", () => Promise.reject(new Error("the log is full")), 2],
  ["is not there", undefined, 0],
])("an error that cannot be read, and a listener that %s, harm nobody", async (_, fail, times) => {
  const heard: unknown[] = [];
  const errors = repeatedErrors(
    fail &&
      ((error) => {
        heard.push(error);
        return fail();
      }),
  );
  const hostile = new Error("x");
  Object.defineProperty(hostile, "message", {
    get() {
      throw new Error("not today");
    },
  });
  for (let n = 0; n < 3; n++) errors.report(hostile);
  await vi.advanceTimersByTimeAsync(everyMs);
  expect(heard.length).toBe(times);
});
