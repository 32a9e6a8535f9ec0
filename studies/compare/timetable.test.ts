import { expect, test } from "vitest";
import type { Clock } from "../../std/clock.ts";
import { timetable } from "./timetable.ts";

/** Plays rounds that take so many times what they are given. @returns how long each took, s */
function played(
  seconds: number,
  shortest: number,
  { takes = 1, rounds = undefined as number | undefined, narrow = false },
) {
  let nowNs = 5e9;
  const clock: Clock = { nowNs: () => nowNs, until: () => Promise.reject(new Error("nobody waits")) };
  const table = timetable(seconds, shortest, rounds, clock);
  const took: number[] = [];
  while (!table.isOver(() => narrow)) {
    const own = table.roundSeconds * takes;
    nowNs += own * 1e9;
    took.push(Math.round(own));
    table.ended();
  }
  return took;
}

test("rounds share the time, and end with it", () => {
  expect(played(450, 10, { narrow: true })).toEqual([113, 113, 113, 113]);
  expect(played(60, 10, {})).toEqual([30, 30]);
  expect(played(25, 10, {})).toEqual([25]);
});

test("where rounds take longer, those that come after them are shorter, or fewer", () => {
  expect(played(100, 10, { takes: 1.4 })).toEqual([47, 37, 22]);
  expect(played(60, 10, { takes: 5 })).toEqual([150]);
});

test("where they take less, there are more, until the interval is narrow", () => {
  expect(played(100, 10, { takes: 0.5, narrow: true })).toHaveLength(3);
  const all = played(100, 10, { takes: 0.5 });
  expect(all.length).toBeGreaterThan(3);
  expect(all.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(100);
});

test("exactly so many, if that is asked for", () => {
  expect(played(60, 10, { rounds: 5, takes: 2, narrow: true })).toHaveLength(5);
});
