import { expect, test } from "vitest";
import { z } from "zod";
import type { Fault, Planned, Target } from "../chaos/contract.ts";
import type { Resource } from "../history/journal.ts";
import type { Scenario } from "../scenarios/contract.ts";
import { seeded } from "../std/random.ts";
import { schedule } from "./schedule.ts";

const fault = (touches: (slot: number) => readonly Resource[], relies: readonly Resource[] = []): Fault => ({
  about: "a fault for this test",
  effect: "killed",
  needs: [],
  options: z.unknown(),
  plan: (_options: unknown, target: Target, random): Planned => ({
    lastsMs: random.between(500, 2500),
    touches: touches(random.below(target.workers)),
    relies,
  }),
  arm: async () => async () => ({ proven: true, facts: {} }),
  heal: async () => ({ proven: true, facts: {} }),
});
const faults = {
  kill: fault((slot) => [`worker:${slot}`]),
  cut: fault((slot) => [`link:worker:${slot}`], ["store"]),
  stop: fault(() => ["store"]),
};

const scenario = (times: number): Scenario => ({
  about: "",
  store: "memory",
  load: {
    curve: "steady",
    jobs: 1,
    seconds: 60,
    producers: 1,
    workers: 3,
    concurrency: 1,
    payloadBytes: 50,
    work: { durationMs: [0, 0], failing: 0, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
    retries: { attempts: 1, backoffMs: 1 },
  },
  trouble: Object.keys(faults).map((name) => ({ fault: name, options: {}, times, between: [0.1, 0.9] })),
  exercises: [],
});
const draw = (seed: string, times = 4) =>
  schedule(scenario(times), faults, { workers: 3, producers: 1 }, 60, seeded(seed));

test("the same seed gives the same schedule byte for byte, another seed another", () => {
  expect(JSON.stringify(draw("a"))).toBe(JSON.stringify(draw("a")));
  expect(JSON.stringify(draw("a"))).not.toBe(JSON.stringify(draw("b")));
});

test("every fault is there as often as asked, in its part of the load, and no two take hold of the same thing at once", () => {
  for (let seed = 0; seed < 50; seed++) {
    const drawn = draw(String(seed));
    expect(drawn).toHaveLength(12);
    expect(drawn.every(({ atMs }) => atMs >= 6000 && atMs <= 54_000)).toBe(true);
    for (const a of drawn) {
      for (const b of drawn) {
        if (a === b || a.atMs > b.atMs + b.plan.lastsMs || b.atMs > a.atMs + a.plan.lastsMs) continue;
        expect(
          a.plan.touches.some((resource) => [...b.plan.touches, ...b.plan.relies].includes(resource)),
          `${a.id} and ${b.id}`,
        ).toBe(false);
      }
    }
  }
});

test("faults do overlap where they may", () => {
  const overlapping = Array.from({ length: 20 }, (_, seed) => draw(String(seed))).filter((drawn) =>
    drawn.some((a, i) => drawn.some((b, j) => i !== j && a.atMs <= b.atMs && b.atMs < a.atMs + a.plan.lastsMs)),
  );
  expect(overlapping.length).toBeGreaterThan(10);
});

test("what cannot fit is an error of whoever wrote the scenario", () => {
  expect(() => draw("a", 60)).toThrow(/found no way to place/);
  expect(() =>
    schedule(
      { ...scenario(1), trouble: [{ fault: "flood", options: {}, times: 1, between: [0, 1] }] },
      faults,
      { workers: 1, producers: 1 },
      60,
      seeded("a"),
    ),
  ).toThrow(/no fault is called "flood"; there are: kill, cut, stop/);
});
