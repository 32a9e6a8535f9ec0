/** A lease says when it holds again to whoever was told that it did not. */
import { expect, test } from "vitest";
import { eventually } from "../testing/deadline.ts";
import { monotonic, nowMs } from "../std/clock.ts";
import { holdLease } from "./lease.ts";

const deadlineMs = 30_000;

/** Whoever beats waits until each answer is given. */
function leaseWith(leaseMs: number) {
  const stop = new AbortController();
  const unanswered: ((alive: boolean | undefined) => void)[] = [];
  let confirmed = 0;
  const lease = holdLease(
    { name: "one", joinedAt: nowMs(), steps: { beat: () => new Promise((resolve) => unanswered.push(resolve)) } },
    leaseMs,
    stop.signal,
    { confirmed: () => confirmed++, lost: () => expect.fail("it was never declared dead") },
    { time: monotonic, failed: (error) => expect.fail(String(error)) },
  );
  return {
    lease,
    confirmed: () => confirmed,
    beats: () => unanswered.length,
    answer: (alive: boolean | undefined) => unanswered.shift()?.(alive),
    [Symbol.dispose]: () => stop.abort(),
  };
}

test("an answer that was under way while the lease ran out says that it holds again", async () => {
  using held = leaseWith(200);
  await eventually(() => held.beats() === 1, { deadlineMs, everyMs: 1, awaited: "a beat that was sent in time" });
  await eventually(() => !held.lease.holds(), { deadlineMs, everyMs: 1, awaited: "the lease to run out meanwhile" });
  expect(held.confirmed()).toBe(0);
  held.answer(true);
  await eventually(() => held.confirmed() === 1, { deadlineMs, everyMs: 1, awaited: "whoever was refused to be told" });
});

test("a lease that held all the time has nothing to say", async () => {
  using held = leaseWith(600_000);
  for (let beat = 1; beat <= 3; beat++) {
    await eventually(() => held.beats() === 1, { deadlineMs, everyMs: 1, awaited: `beat ${beat}` });
    expect(held.lease.holds()).toBe(true);
    held.answer(true);
    held.lease.beatNow();
  }
  expect(held.confirmed()).toBe(0);
});
