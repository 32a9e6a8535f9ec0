import { expect, test } from "vitest";
import type { PendingEntry } from "../redis/entry.ts";
import type { Claimed } from "../redis/steps.ts";
import { monotonic } from "../std/clock.ts";
import { chance } from "../std/random.ts";
import { reclaimOf } from "./reclaim.ts";

const held = (entry: string): PendingEntry => ({ entry, deliveries: 2, meta: "", payload: "" });

/** Of one dead consumer, that is told in these steps. */
function reclaimFrom(steps: readonly (Claimed | undefined)[]): ReturnType<typeof reclaimOf> {
  const left = [...steps];
  return reclaimOf(
    {
      name: "me",
      steps: {
        survey: async () => ({ counters: new Map(), pending: new Map([["ghost", 2]]), watched: new Map() }),
        watch: async () => true,
        bury: async () => false,
        claim: async () => left.shift(),
      },
    },
    { leaseMs: 1000, sweepMs: 100 },
    { time: monotonic, chance },
  );
}

test("there is work until all that the dead held is told: nobody hears in between that the hands are free", async () => {
  const reclaim = reclaimFrom([
    { state: "more", entries: [held("1-0")] },
    { state: "gone", entries: [held("2-0")] },
  ]);
  expect(reclaim.hasLooked()).toBe(false);
  await reclaim.sweep();
  const taken: string[] = [];
  const said: string[] = [];
  void reclaim
    .claim(5, (entries) => taken.push(...entries.map(({ entry }) => entry)))
    .then((claimed) => said.push(claimed));
  while (said.length === 0) {
    expect(reclaim.hasWork() || taken.length === 2, `after ${taken.length}`).toBe(true);
    await Promise.resolve();
  }
  expect([said, taken, reclaim.hasWork()]).toEqual([["some"], ["1-0", "2-0"], false]);
});

test.each([
  ["unanswered", undefined],
  ["lost", { state: "lost", entries: [] }],
] as const)("what came before it was %s is told all the same", async (end, last) => {
  const reclaim = reclaimFrom([{ state: "more", entries: [held("1-0")] }, last]);
  await reclaim.sweep();
  const taken: PendingEntry[] = [];
  expect(await reclaim.claim(5, (entries) => taken.push(...entries))).toBe(end);
  expect(taken.map(({ entry }) => entry)).toEqual(["1-0"]);
  expect(reclaim.hasWork()).toBe(true);
});

test("nobody held anything", async () => {
  const reclaim = reclaimFrom([{ state: "gone", entries: [] }]);
  await reclaim.sweep();
  expect(await reclaim.claim(5, () => {})).toBe("none");
  expect(reclaim.hasWork()).toBe(false);
});

test("who stands still for longer than between two signs of life is told of, and what was told is gone on from", async () => {
  const told: (readonly [string, number])[] = [];
  const buried: string[] = [];
  let counter = "7";
  const reclaim = reclaimOf(
    {
      name: "me",
      steps: {
        survey: async () => ({
          counters: new Map([
            ["ghost", counter],
            ["me", "1"],
          ]),
          pending: new Map(),
          watched: new Map([["ghost", { value: "7", stillMs: 4000 }]]),
        }),
        watch: async (still) => {
          for (const { name, stillMs } of still) told.push([name, stillMs]);
          return true;
        },
        bury: async (name) => {
          buried.push(name);
          return true;
        },
        claim: async () => undefined,
      },
    },
    { leaseMs: 5000, sweepMs: 100 },
    { time: monotonic, chance },
  );
  await reclaim.sweep();
  expect([told, buried]).toEqual([[["ghost", 4000]], []]);
  // It has moved: what was seen before that is over.
  counter = "8";
  await reclaim.sweep();
  expect([told.length, buried]).toEqual([1, []]);
});
