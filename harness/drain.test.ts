/** When a drain is over, and when it is not: a fleet in a made time. */
import { expect, test } from "vitest";
import { smoke } from "../scenarios/smoke.ts";
import type { Load } from "../scenarios/contract.ts";
import type { Clock } from "../std/clock.ts";
import type { Connection, Place } from "../systems/contract.ts";
import { drain, limitsOf, type DrainLimits } from "./drain.ts";

const limits: DrainLimits = { stuckMs: 17_500, runMs: 25_000, deadlineMs: 600_000 };

/** What there is from so many seconds on. */
interface From {
  readonly second: number;
  readonly moved: number;
  readonly atWork: number;
  /** Undefined: nobody can tell. */
  readonly held: boolean | undefined;
}

/** @param lookMs how long a look at the store takes */
async function drained(story: readonly From[], some: Partial<DrainLimits> = {}, lookMs = 0) {
  let atNs = 0;
  const clock: Clock = {
    nowNs: () => atNs,
    async until(ns) {
      atNs = Math.max(atNs, ns);
    },
  };
  const now = (): From => {
    const found = story.findLast(({ second }) => second * 1e9 <= atNs);
    return found ?? expect.fail("a story begins at 0");
  };
  const unasked = (): never => expect.fail("a drain only looks");
  const connection: Connection = {
    enqueue: unasked,
    work: unasked,
    async *scan(): AsyncIterable<Place> {
      atNs += lookMs * 1e6;
      if (now().held === undefined) throw new Error("connection refused");
      if (now().held) yield { at: "waiting", payload: "" };
    },
    [Symbol.asyncDispose]: unasked,
  };
  const fleet = { moved: () => now().moved, atWork: () => now().atWork };
  const ended = await drain(connection, fleet, { ...limits, ...some }, clock, new AbortController().signal);
  return { ...ended, seconds: Math.round(atNs / 1e9) };
}

test("while handlers are at work within their time, nothing is stuck", async () => {
  const rounds = [0, 25, 50, 75].map((second, moved) => ({ second, moved, atWork: 4, held: true }));
  const story = [...rounds, { second: 100, moved: 4, atWork: 0, held: false }];
  expect(await drained(story)).toEqual({ outcome: "drained", seconds: 101 });
});

test("what moves while the store is looked at is not stuck, though nobody is at work any more by then", async () => {
  const story = [
    { second: 0, moved: 0, atWork: 4, held: true },
    { second: 25, moved: 1, atWork: 0, held: true },
    { second: 40, moved: 2, atWork: 0, held: false },
  ];
  for (const lookMs of [500, 2000, 3000])
    expect(await drained(story, {}, lookMs)).toMatchObject({ outcome: "drained" });
});

test("what is held and in nobody's hands is stuck as soon as nothing moves", async () => {
  const story = [
    { second: 0, moved: 0, atWork: 1, held: true },
    { second: 20, moved: 1, atWork: 0, held: true },
  ];
  expect(await drained(story)).toEqual({ outcome: "stuck", seconds: 38 });
});

test("a handler that does not come back although its time is over moves nothing", async () => {
  const story = [{ second: 0, moved: 0, atWork: 1, held: true }];
  expect(await drained(story)).toEqual({ outcome: "stuck", seconds: 43 });
  expect((await drained(story, { runMs: 0 })).seconds).toBe(18);
});

test("what cannot be looked at when nothing moves any more is unseen, and neither stuck nor drained", async () => {
  const story = [
    { second: 0, moved: 0, atWork: 0, held: true },
    { second: 10, moved: 0, atWork: 0, held: undefined },
  ];
  expect(await drained(story)).toEqual({ outcome: "unseen", why: "connection refused", seconds: 18 });
});

test("a look that fails now and then decides nothing", async () => {
  const story = [true, undefined, true, undefined, false].map((held, index) => ({
    second: index * 4,
    moved: 0,
    atWork: 0,
    held,
  }));
  expect(await drained(story)).toEqual({ outcome: "drained", seconds: 16 });
});

test("who still moves at the deadline is late", async () => {
  const story = Array.from({ length: 700 }, (_, second) => ({ second, moved: second, atWork: 1, held: true }));
  expect(await drained(story)).toEqual({ outcome: "late", seconds: 600 });
});

const limitsWith = (load: Partial<Load>, work: Partial<Load["work"]>): DrainLimits =>
  limitsOf({ ...smoke.load, ...load, work: { ...smoke.load.work, ...work } }, { recoveryMs: 10_000, retryMs: 0 });

test("the deadline leaves the time that the scripted work needs, should all of it be left", () => {
  const durationMs = [25_000, 25_000] as const;
  const few = { jobs: 12, workers: 2, concurrency: 2 };
  const { runMs, deadlineMs } = limitsWith(few, { durationMs, failing: 0, alwaysFailing: 0 });
  expect(runMs).toBe(25_000);
  // Three rounds of 25 s, by half of the hands: twice that.
  expect(deadlineMs).toBeGreaterThanOrEqual(2 * 3 * 25_000 + runMs);
  const failing = limitsWith({ ...few, retries: { attempts: 3, backoffMs: 100 } }, { durationMs, alwaysFailing: 1 });
  expect(failing.deadlineMs).toBeGreaterThanOrEqual(3 * 2 * 3 * 25_000 + runMs);
});

test("the deadline has a ceiling, and short jobs leave it as it is", () => {
  const endless = limitsWith({ jobs: 1_000_000, workers: 1, concurrency: 1 }, { durationMs: [60_000, 60_000] });
  expect(endless.deadlineMs).toBeLessThan(3_800_000);
  expect(limitsWith({}, {}).deadlineMs).toBe(limitsWith({}, { durationMs: [0, 0] }).deadlineMs);
});
