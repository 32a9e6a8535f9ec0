/** Our time is nobody's wall clock: faults bend those, and every record is laid on one axis. */
import { afterEach, expect, test, vi } from "vitest";
import { calendarNow, monotonic, pause } from "./clock.ts";

const hourMs = 3_600_000;

afterEach(() => void vi.useRealTimers());

test.each([hourMs, -hourMs])(
  "a wall clock that is set by %i ms moves no time of ours, and ends no wait",
  async (ms) => {
    const before = monotonic.nowNs();
    const waited = pause(monotonic, 50).then(() => monotonic.nowNs());
    vi.useFakeTimers({ toFake: ["Date"], now: calendarNow().getTime() + ms });
    const now = monotonic.nowNs();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now - before).toBeLessThan((hourMs / 2) * 1e6);
    const woken = await waited;
    expect(woken - before).toBeGreaterThanOrEqual(50e6);
    expect(woken - before).toBeLessThan((hourMs / 2) * 1e6);
  },
);

test("a wait that is stopped is over, without an error", async () => {
  const stop = new AbortController();
  const waiting = pause(monotonic, hourMs, stop.signal);
  stop.abort();
  await expect(waiting).resolves.toBeUndefined();
});
