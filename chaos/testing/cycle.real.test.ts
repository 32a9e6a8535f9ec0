/** The cycle that a stranger's fault goes through: with real faults, and with each way in which one can be wrong. */
import { expect, test } from "vitest";
import { z } from "zod";
import { clockShim } from "../../harness/environment/clock-shim.ts";
import type { Fault, Planned } from "../contract.ts";
import { faults } from "../index.ts";
import { faultCycle } from "./cycle.ts";

const briefly = { lastsMs: [300, 300] };

test("a fault of each lever bites, is over, and is over for another process, too", async () => {
  const cut = await faultCycle(faults.cut, { options: briefly });
  expect(cut.bit).toHaveProperty("links");
  const kill = await faultCycle(faults["worker-kill"]);
  expect(kill.plan.touches).toEqual([expect.stringMatching(/^worker:[01]$/)]);
  const stop = await faultCycle(faults["broker-stop"], { options: { ...briefly, how: "crash" } });
  expect(stop).toMatchObject({ bit: { how: "crash" }, healed: { answers: "PONG" } });
});

test.runIf("path" in clockShim())("clocks of processes and of the store are bent, and right again", async () => {
  for (const of of ["worker", "store"])
    expect((await faultCycle(faults.clock, { options: { ...briefly, of } })).bit).toMatchObject({ how: "jump" });
});

test("what the levers did not do is not proven", async () => {
  const idle = faultCycle(faults["broker-stop"], {
    options: briefly,
    levers: (real) => ({ ...real, store: { ...real.store, stop: () => Promise.resolve() } }),
  });
  await expect(idle).rejects.toThrow("it is not proven that the fault bit: a new connection to the store was accepted");
});

const proven = { proven: true, facts: {} } as const;

/** Does nothing, and says that it did. */
const hollow: Fault<object, Planned, "store"> = {
  about: "Nothing happens, and it says that it did.",
  effect: "store-away",
  needs: ["store"],
  options: z.strictObject({}),
  plan: () => ({ lastsMs: 100, touches: ["store"], relies: [] }),
  arm: async () => async () => proven,
  heal: async () => proven,
};

let drawn = 0;
test.each<[string, Partial<typeof hollow>, string]>([
  ["draws from elsewhere", { plan: () => ({ lastsMs: ++drawn, touches: ["store"], relies: [] }) }, "gave two plans"],
  ["plans what no journal can hold", { plan: () => ({ ...planOf(), at: new Set() }) }, "is not plain data"],
  ["touches nothing", { plan: () => ({ ...planOf(), touches: [] }) }, "touches nothing"],
  ["lasts no time", { plan: () => ({ ...planOf(), lastsMs: 0 }) }, "lastsMs of a plan must be more than 0, got 0"],
  ["is not over", { heal: async () => ({ proven: false, why: "it goes on" }) }, "that the fault is over: it goes on"],
  ["is over once", { heal: once() }, "healed again, by levers that were made from the handles alone: done already"],
  [
    "leaves the store down",
    { arm: (_, { store }) => store.stop("crash").then(() => async () => proven) },
    "a write was",
  ],
])("one that %s is found", async (_what, wrong, expected) => {
  await expect(faultCycle({ ...hollow, ...wrong })).rejects.toThrow(expected);
});

function planOf(): Planned {
  return { lastsMs: 100, touches: ["store"], relies: [] };
}

function once(): typeof hollow.heal {
  let times = 0;
  return async () => (++times === 1 ? proven : { proven: false, why: "done already" });
}
