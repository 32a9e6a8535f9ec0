import { expect, test } from "vitest";
import { z } from "zod";
import type { Fault, Planned, Target } from "../chaos/contract.ts";
import type { Resource } from "../history/resource.ts";
import type { Scenario } from "../scenarios/contract.ts";
import { seeded, type Random } from "../std/random.ts";
import { schedule, sketch } from "./schedule.ts";

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

const stage = { faults, target: { workers: 3, producers: 1 }, seconds: 60 };
const troubleOf = (times: number): Scenario["trouble"] =>
  Object.keys(faults).map((name) => ({ fault: name, options: {}, times, between: [0.1, 0.9] }));
const draw = (seed: string, times = 4) => schedule(troubleOf(times), stage, seeded(seed));

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

test("while nobody is to be at work the store may be taken away, and else not", () => {
  const all = (unattended: boolean): Fault => ({
    ...fault(() => []),
    plan: (_options: unknown, { workers }: Target): Planned => ({
      lastsMs: 9000,
      touches: Array.from({ length: workers }, (_, slot): Resource => `worker:${slot}`),
      relies: [],
      ...(unattended && { unattended }),
    }),
  });
  const within: Scenario["trouble"] = [
    { fault: "leave", options: {}, times: 1, between: [0.2, 0.22] },
    { fault: "stop", options: {}, times: 1, between: [0.25, 0.3] },
  ];
  const of = (leave: Fault) => schedule(within, { ...stage, faults: { ...faults, leave } }, seeded("a"));
  expect(of(all(true)).map(({ fault: name }) => name)).toEqual(["leave", "stop"]);
  expect(() => of(all(false))).toThrow(/found no way to place/);
});

test("faults do overlap where they may", () => {
  const overlapping = Array.from({ length: 20 }, (_, seed) => draw(String(seed))).filter((drawn) =>
    drawn.some((a, i) => drawn.some((b, j) => i !== j && a.atMs <= b.atMs && b.atMs < a.atMs + a.plan.lastsMs)),
  );
  expect(overlapping.length).toBeGreaterThan(10);
});

test("what cannot fit is an error of whoever wrote the scenario", () => {
  expect(() => draw("a", 60)).toThrow(/found no way to place/);
  expect(() => schedule([{ fault: "flood", options: {}, times: 1, between: [0, 1] }], stage, seeded("a"))).toThrow(
    /no fault is called "flood"; there are: kill, cut, stop/,
  );
});

/** As many, as long and as broad as the busiest day of the catalogue. */
const lasting = (
  from: number,
  to: number,
  touches: (random: Random) => readonly Resource[],
  relies: readonly Resource[] = [],
) => ({
  ...fault(() => []),
  plan: (_options: unknown, _target: Target, random: Random): Planned => ({
    lastsMs: random.fork("lasts").between(from, to),
    touches: touches(random.fork("touches")),
    relies,
  }),
});
const slots = [0, 1, 2, 3];
const worker = (random: Random): readonly Resource[] => [`worker:${random.below(4)}`];
const link = (random: Random): readonly Resource[] => [`link:worker:${random.below(4)}`];
const many: Readonly<Record<string, readonly [fault: Fault, times: number]>> = {
  stop: [lasting(1000, 3000, () => ["store"]), 2],
  fleet: [lasting(3000, 5000, () => slots.map((slot): Resource => `worker:${slot}`)), 1],
  hole: [lasting(6000, 8000, link, ["store"]), 2],
  cut: [lasting(2000, 8000, link, ["store"]), 3],
  lost: [lasting(2000, 4000, link, ["store"]), 4],
  torn: [lasting(1000, 3000, link, ["store"]), 3],
  slow: [lasting(3000, 6000, link, ["store"]), 4],
  kill: [lasting(200, 200, worker), 6],
  pause: [lasting(6000, 8000, worker), 2],
  restart: [lasting(2000, 4000, worker), 3],
  producer: [lasting(200, 200, () => ["producer:0"]), 2],
  clock: [lasting(4000, 8000, (random) => [`clock:worker:${random.below(4)}`], []), 3],
};

test("a day with thirty-five faults finds its schedule, whatever the seed", () => {
  const day = {
    faults: Object.fromEntries(Object.entries(many).map(([name, [one]]) => [name, one])),
    target: { workers: 4, producers: 1 },
    seconds: 90,
  };
  const trouble: Scenario["trouble"] = Object.entries(many).map(([name, [, times]]) => ({
    fault: name,
    options: {},
    times,
    between: [0.1, 0.9],
  }));
  for (let seed = 0; seed < 100; seed++) {
    expect(schedule(trouble, day, seeded(String(seed)))).toHaveLength(35);
  }
});

test("a fault that two entries ask for is counted through", () => {
  const twice = [...troubleOf(2), ...troubleOf(1)];
  const ids = schedule(twice, stage, seeded("a")).map(({ id }) => id);
  expect(ids.toSorted()).toEqual(["cut", "kill", "stop"].flatMap((name) => [1, 2, 3].map((n) => `${name}-${n}`)));
});

test("a sketch has each fault, and asks for no room", () => {
  expect(sketch(troubleOf(60), stage, seeded("a"))).toHaveLength(180);
});

test("between two faults that hit everybody there is time to see what the first one lost", () => {
  const everybody = slots.map((slot): Resource => `worker:${slot}`);
  const faults = { stop: lasting(1000, 2000, () => ["store"]), fleet: lasting(1000, 2000, () => everybody) };
  const trouble: Scenario["trouble"] = ["stop", "fleet"].map((fault) => ({
    fault,
    options: {},
    times: 2,
    between: [0.1, 0.9],
  }));
  for (let seed = 0; seed < 100; seed++) {
    const placed = schedule(
      trouble,
      { faults, target: { workers: 4, producers: 1 }, seconds: 90 },
      seeded(String(seed)),
    );
    const rests = placed.slice(1).map(({ atMs }, index) => {
      const before = placed[index];
      return before === undefined ? 0 : atMs - before.atMs - before.plan.lastsMs;
    });
    expect(Math.min(...rests)).toBeGreaterThanOrEqual(10_000);
  }
});

test("as long as there is room, some worker is left alone", () => {
  const faults = { cut: lasting(4000, 6000, link) };
  const trouble: Scenario["trouble"] = [{ fault: "cut", options: {}, times: 8, between: [0.1, 0.9] }];
  for (let seed = 0; seed < 50; seed++) {
    const placed = schedule(
      trouble,
      { faults, target: { workers: 4, producers: 1 }, seconds: 60 },
      seeded(String(seed)),
    );
    const hit = placed.map(({ atMs }) => {
      const at = placed.filter((other) => other.atMs <= atMs && other.atMs + other.plan.lastsMs >= atMs);
      return new Set(at.flatMap(({ plan }) => plan.touches)).size;
    });
    expect(Math.max(...hit)).toBeLessThan(4);
  }
});
