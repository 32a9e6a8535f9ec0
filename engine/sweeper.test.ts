import { expect, test } from "vitest";
import type { Held } from "./entry.ts";
import type { Claimed } from "./steps.ts";
import { sweeperFor } from "./sweeper.ts";

const held = (entry: string): Held => ({ entry, deliveries: 2, meta: "", payload: "" });

/** Of one dead consumer, that is told in these steps. */
function sweeperOf(steps: readonly (Claimed | undefined)[]): ReturnType<typeof sweeperFor> {
  const left = [...steps];
  return sweeperFor(
    "me",
    {
      survey: async () => ({ counters: new Map(), pending: new Map([["ghost", 2]]), watched: new Map() }),
      watch: async () => true,
      bury: async () => false,
      claim: async () => left.shift(),
    },
    { leaseMs: 1000, sweepMs: 100 },
  );
}

test("there is work until all that the dead held is told: nobody hears in between that the hands are free", async () => {
  const sweeper = sweeperOf([
    { state: "more", entries: [held("1-0")] },
    { state: "gone", entries: [held("2-0")] },
  ]);
  expect(sweeper.hasLooked()).toBe(false);
  await sweeper.sweep();
  const taken: string[] = [];
  const said: string[] = [];
  void sweeper
    .claim(5, (entries) => taken.push(...entries.map(({ entry }) => entry)))
    .then((claimed) => said.push(claimed));
  while (said.length === 0) {
    expect(sweeper.hasWork() || taken.length === 2, `after ${taken.length}`).toBe(true);
    await Promise.resolve();
  }
  expect([said, taken, sweeper.hasWork()]).toEqual([["some"], ["1-0", "2-0"], false]);
});

test.each([
  ["unanswered", undefined],
  ["lost", { state: "lost", entries: [] }],
] as const)("what came before it was %s is told all the same", async (end, last) => {
  const sweeper = sweeperOf([{ state: "more", entries: [held("1-0")] }, last]);
  await sweeper.sweep();
  const taken: Held[] = [];
  expect(await sweeper.claim(5, (entries) => taken.push(...entries))).toBe(end);
  expect(taken.map(({ entry }) => entry)).toEqual(["1-0"]);
  expect(sweeper.hasWork()).toBe(true);
});

test("nobody held anything", async () => {
  const sweeper = sweeperOf([{ state: "gone", entries: [] }]);
  await sweeper.sweep();
  expect(await sweeper.claim(5, () => {})).toBe("none");
  expect(sweeper.hasWork()).toBe(false);
});

test("who stands still for longer than between two signs of life is told of, and what was told is gone on from", async () => {
  const told: (readonly [string, number])[] = [];
  const buried: string[] = [];
  let counter = "7";
  const sweeper = sweeperFor(
    "me",
    {
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
    { leaseMs: 5000, sweepMs: 100 },
  );
  await sweeper.sweep();
  expect([told, buried]).toEqual([[["ghost", 4000]], []]);
  // It has moved: what was seen before that is over.
  counter = "8";
  await sweeper.sweep();
  expect([told.length, buried]).toEqual([1, []]);
});
