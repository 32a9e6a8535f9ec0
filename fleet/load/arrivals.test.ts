import { expect, test } from "vitest";
import { arrivals } from "./arrivals.ts";

const jobs = 20_000;
const seconds = 24;
const times = (curve: Parameters<typeof arrivals>[0], seed = 7): number[] => {
  const { intendedMs } = arrivals(curve, jobs, seconds, seed);
  return Array.from({ length: jobs }, (_, n) => intendedMs(n));
};

for (const curve of ["day", "steady", "peaks", "burst", "idle-then-burst"] as const) {
  test(`${curve}: ascending, within the load, and the same for the same seed`, () => {
    const due = times(curve);
    expect(due.every((ms, n) => ms >= (due[n - 1] ?? 0) && ms <= seconds * 1000)).toBe(true);
    expect(times(curve)).toEqual(due);
    expect(times(curve, 8)).not.toEqual(due);
  });
}

test("a day has its peak in the evening, its low in the night, and a dip at noon", () => {
  const perHour = Array.from({ length: 24 }, () => 0);
  for (const ms of times("day")) perHour[Math.min(23, Math.floor(ms / 1000))]! += 1;
  const busiest = perHour.indexOf(Math.max(...perHour));
  const quietest = perHour.indexOf(Math.min(...perHour));
  expect(busiest).toBeGreaterThanOrEqual(18);
  expect(busiest).toBeLessThanOrEqual(20);
  expect(quietest).toBeLessThanOrEqual(5);
  expect(perHour[12]).toBeLessThan(perHour[10] ?? 0);
  const peak = (Math.max(...perHour) * 24) / jobs;
  expect(arrivals("day", jobs, seconds, 7).peakToMean).toBeGreaterThanOrEqual(peak * 0.95);
});

test("between warm-up and burst nothing is due", () => {
  const due = times("idle-then-burst").map((ms) => ms / (seconds * 1000));
  expect(due.filter((share) => share > 0.101 && share < 0.729)).toEqual([]);
  expect(due.some((share) => share < 0.1) && due.some((share) => share > 0.73)).toBe(true);
});
