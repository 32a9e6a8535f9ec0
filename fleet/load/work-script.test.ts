import { expect, test } from "vitest";
import { alwaysFails, killsItsWorker } from "../../history/record.ts";
import { arrivals } from "./arrivals.ts";
import { plannedError, readPlannedError, workScript } from "./work-script.ts";

const load = {
  curve: "steady",
  jobs: 5000,
  seconds: 10,
  payloadBytes: 200,
  work: { durationMs: [0, 20], failing: 0.1, alwaysFailing: 0.02, killing: 0, delayed: { share: 0, upToMs: 0 } },
  retries: { attempts: 3, backoffMs: 500 },
} as const;

test("a payload leads back to its job, and only a whole one does", () => {
  const script = workScript(load, 42);
  for (const n of [0, 1, 77, 4999]) expect(script.decode(script.payload(n))).toBe(n);
  const text = script.payload(77);
  expect(text).toHaveLength(200 - 18 + 9 + 3);
  expect(script.decode(text.replace("77", "78"))).toBeUndefined();
  expect(script.decode(text.slice(0, -1))).toBeUndefined();
  expect(script.decode("")).toBeUndefined();
  expect(workScript({ ...load, jobs: 10 }, 42).decode(text)).toBeUndefined();
});

test("two processes with the same seed agree on every job, others do not", () => {
  const [one, same, other] = [workScript(load, 42), workScript(load, 42), workScript(load, 43)];
  const jobs = Array.from({ length: 500 }, (_, n) => n);
  expect(jobs.map(one.payload)).toEqual(jobs.map(same.payload));
  expect(jobs.map(one.micros)).not.toEqual(jobs.map(other.micros));
});

test("the shares of failing jobs are met, and none fails once too often by accident", () => {
  const { plannedFailures } = workScript(load, 42);
  const planned = Array.from({ length: load.jobs }, (_, n) => plannedFailures(n));
  const share = (wanted: (failures: number) => boolean): number => planned.filter(wanted).length / load.jobs;
  expect(share((failures) => failures === alwaysFails)).toBeCloseTo(0.02, 1);
  expect(share((failures) => failures === 1 || failures === 2)).toBeCloseTo(0.1, 1);
  expect(planned.every((failures) => failures <= 2 || failures === alwaysFails)).toBe(true);
});

test("some jobs end their worker, and nobody's failures change by it", () => {
  const { plannedFailures } = workScript(load, 42);
  const killing = workScript({ ...load, work: { ...load.work, killing: 0.05 } }, 42);
  const planned = Array.from({ length: load.jobs }, (_, n) => killing.plannedFailures(n));
  expect(planned.filter((failures) => failures === killsItsWorker).length / load.jobs).toBeCloseTo(0.05, 1);
  expect(planned.every((failures, n) => failures === killsItsWorker || failures === plannedFailures(n))).toBe(true);
});

test("some jobs are delayed, in steps of ten milliseconds up to the longest", () => {
  const none = workScript(load, 42);
  const { delayMs } = workScript({ ...load, work: { ...load.work, delayed: { share: 0.3, upToMs: 500 } } }, 42);
  const delays = Array.from({ length: load.jobs }, (_, n) => delayMs(n));
  expect(delays.filter((ms) => ms > 0).length / load.jobs).toBeCloseTo(0.3, 1);
  expect(delays.every((ms) => ms % 10 === 0)).toBe(true);
  expect(new Set(delays.filter((ms) => ms > 0))).toEqual(new Set(Array.from({ length: 50 }, (_, n) => 10 * (n + 1))));
  expect(Array.from({ length: load.jobs }, (_, n) => n).every((n) => none.delayMs(n) === 0)).toBe(true);
});

test("delays can end together: each job is due at the next of the moments, however late it comes", () => {
  const delayed = { share: 0.5, upToMs: 2000, together: true };
  const { delayMs } = workScript({ ...load, work: { ...load.work, delayed } }, 42);
  const { intendedMs } = arrivals(load.curve, load.jobs, load.seconds, 42);
  const due = Array.from({ length: load.jobs }, (_, n) => n)
    .filter((n) => delayMs(n) > 0)
    .map((n) => intendedMs(n) + delayMs(n));
  expect(due.length / load.jobs).toBeCloseTo(0.5, 1);
  // To a step of ten milliseconds, and no job is without any delay.
  expect(due.every((ms) => ms % 2000 <= 10 || ms % 2000 >= 1990)).toBe(true);
  expect(new Set(due.map((ms) => Math.round(ms / 2000)))).toEqual(new Set([1, 2, 3, 4, 5]));
});

test("jobs get their priorities by share, the same ones for the same seed, and none where there are none", () => {
  const priorities = { high: { weight: 8, share: 0.2 }, none: { weight: 1, share: 0 }, low: { weight: 1, share: 0.8 } };
  const jobs = Array.from({ length: load.jobs }, (_, n) => n);
  const of = (seed: number) => jobs.map(workScript({ ...load, priorities }, seed).priority);
  const drawn = of(42);
  expect(drawn.filter((name) => name === "high").length / load.jobs).toBeCloseTo(0.2, 1);
  expect(new Set(drawn)).toEqual(new Set(["high", "low"]));
  expect(of(42)).toEqual(drawn);
  expect(of(43)).not.toEqual(drawn);
  expect(new Set(jobs.map(workScript(load, 42).priority))).toEqual(new Set([undefined]));
});

test("a job's priority says nothing of its failures, its delay and its run time", () => {
  const half = { high: { weight: 1, share: 0.5 }, low: { weight: 1, share: 0.5 } };
  const work = { ...load.work, failing: 0.5, alwaysFailing: 0, delayed: { share: 0.5, upToMs: 100 } };
  const script = workScript({ ...load, work, priorities: half }, 42);
  const high = Array.from({ length: load.jobs }, (_, n) => n).filter((n) => script.priority(n) === "high");
  const share = (holds: (n: number) => boolean): number => high.filter(holds).length / high.length;
  expect(share((n) => script.plannedFailures(n) > 0)).toBeCloseTo(0.5, 1);
  expect(share((n) => script.delayMs(n) > 0)).toBeCloseTo(0.5, 1);
  expect(share((n) => script.micros(n) > 10_000)).toBeCloseTo(0.5, 1);
});

test("repetitions are of an earlier job that is none, within their time, and often of the last one", () => {
  const repeats = { share: 0.3, withinMs: 1000 };
  const { keyOf } = workScript({ ...load, repeats }, 42);
  const { intendedMs } = arrivals(load.curve, load.jobs, load.seconds, 42);
  const all = Array.from({ length: load.jobs }, (_, n) => ({ n, first: keyOf(n) ?? -1 }));
  const repetitions = all.filter(({ n, first }) => first !== n);
  expect(repetitions.length / load.jobs).toBeCloseTo(0.3, 1);
  expect(repetitions.every(({ n, first }) => first >= 0 && first < n && keyOf(first) === first)).toBe(true);
  const since = repetitions.map(({ n, first }) => intendedMs(n) - intendedMs(first));
  // Whatever is one itself is passed over: a few jobs more.
  expect(Math.max(...since)).toBeLessThan(1100);
  expect(since.filter((ms) => ms > 200).length / since.length).toBeCloseTo(0.5, 1);
  expect(repetitions.filter(({ n, first }) => n - first < 5).length / since.length).toBeGreaterThan(0.3);
  expect(new Set(Array.from({ length: 100 }, (_, n) => workScript(load, 42).keyOf(n)))).toEqual(new Set([undefined]));
});

test("what a planned failure says can be read again, and nothing else", () => {
  expect(readPlannedError(`Error: ${plannedError(12, 3)} (again)`)).toEqual({ job: 12, attempt: 3 });
  expect(readPlannedError("out of memory")).toBeUndefined();
});
