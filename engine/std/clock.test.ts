/** A timer of the platform takes what is longer than 24.8 days for 1 ms; nobody here does. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { after, settledWithin, sleeper } from "./clock.ts";

const dayMs = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test.each([0, 1, 2 ** 31 - 1, 2 ** 31, 30 * dayMs, 100 * dayMs, 365 * dayMs])(
  "%d ms are as long as they are",
  async (ms) => {
    const over: string[] = [];
    void sleeper()
      .sleep(ms)
      .then(() => over.push("slept"));
    after(ms, () => over.push("after"));
    void settledWithin(new Promise(() => {}), ms).then((settled) => over.push(`settled ${settled}`));
    if (ms > 0) await vi.advanceTimersByTimeAsync(ms - 1);
    expect(over).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(over.toSorted()).toEqual(["after", "settled false", "slept"]);
    expect(vi.getTimerCount()).toBe(0);
  },
);

test("a long sleep can be cut short, and a long wait prevented, also in their second part", async () => {
  const bed = sleeper();
  let woken = false;
  void bed.sleep(60 * dayMs).then(() => (woken = true));
  const prevent = after(60 * dayMs, () => {
    throw new Error("it was prevented");
  });
  await vi.advanceTimersByTimeAsync(30 * dayMs);
  expect(woken).toBe(false);
  bed.wake();
  prevent();
  await vi.advanceTimersByTimeAsync(0);
  expect([woken, vi.getTimerCount()]).toEqual([true, 0]);
});
