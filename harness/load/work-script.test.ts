import { expect, test } from "vitest";
import { alwaysFails } from "../../history/record.ts";
import { workScript } from "./work-script.ts";

const load = {
  jobs: 5000,
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
