/**
 * Real clocks bent: of processes in slots, and of a real store. Told by those who have them, beside a monotonic clock
 * that stays.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { clockShim } from "../../harness/environment/clock-shim.ts";
import type { Environment } from "../../harness/environment/provide.ts";
import type { Resource } from "../../history/resource.ts";
import { seeded } from "../../std/random.ts";
import { nobody, scratchRun, type ScratchRun } from "../../harness/environment/testing/scratch-run.ts";
import { keepSlots, type Slots } from "../testing/slots.ts";
import type { ClockLever, Levers } from "../contract.ts";
import { faults } from "../index.ts";

const fault = faults.clock;
const never = new AbortController().signal;
const soon = (): AbortSignal => AbortSignal.timeout(1000);
const names = ["worker:0", "producer:0"] as const;
const clocks: readonly Resource[] = ["clock:worker:0", "clock:producer:0", "clock:store"];
const hourMs = 3_600_000;

type Options = Parameters<typeof fault.plan>[0];
const planFor = (options: Partial<Options>) =>
  fault.plan(
    { lastsMs: [300, 300], of: "worker", how: "jump", offsetsMs: [hourMs], ...options },
    { workers: 1, producers: 1 },
    seeded("clock"),
  );

test("one of the offsets is drawn, and is never so small that nobody could tell", () => {
  const { offsetsMs } = fault.options.parse({});
  const drawn = new Set(
    Array.from(
      { length: 50 },
      (_, seed) => fault.plan(fault.options.parse({}), { workers: 2, producers: 1 }, seeded(`${seed}`)).offsetMs,
    ),
  );
  expect(drawn).toEqual(new Set(offsetsMs));
  expect(fault.options.safeParse({ offsetsMs: [500] }).success).toBe(false);
});

describe.runIf("path" in clockShim())("on a machine that can bend clocks", () => {
  let run: ScratchRun;
  let environment: Environment;
  let slots: Slots;
  let clock: ClockLever;
  let levers: Levers;
  beforeAll(async () => {
    run = await scratchRun();
    environment = await run.provide({ store: "aof-always", clocks });
    slots = keepSlots(names, { variables: environment.variablesFor });
    levers = environment.levers(slots);
    ({ clock } = levers);
  });
  afterAll(async () => {
    slots[Symbol.dispose]();
    await run[Symbol.asyncDispose]();
  });

  test.each([
    ["worker", hourMs],
    ["worker", -hourMs],
    ["producer", 5000],
    ["store", -5000],
    ["store", hourMs],
  ] as const)(
    "the clock of a %s is off by %i ms, and right again, while all others are right",
    async (of, offsetMs) => {
      const plan = planFor({ of, offsetsMs: [offsetMs] });
      const bit = await (await fault.arm(plan, { clock }, never))(never);
      expect(bit).toMatchObject({ proven: true, facts: { how: "jump" } });
      expect(Math.abs(Number(bit.proven && bit.facts["isMs"]) - offsetMs)).toBeLessThanOrEqual(1000);
      for (const other of clocks.filter((resource) => !plan.touches.includes(resource)))
        expect(
          await fault.heal({ ...plan, touches: [other] }, { clock: { ...clock, bend: () => {} } }, never),
        ).toMatchObject({ proven: true });
      for (let time = 0; time < 2; time++) {
        expect(await fault.heal(plan, { clock }, never)).toMatchObject({ proven: true });
      }
    },
  );

  test("a drift grows in steps up to its offset", async () => {
    const steps: number[] = [];
    const watched: ClockLever = {
      ...clock,
      bend(resource, offsetMs) {
        steps.push(offsetMs);
        clock.bend(resource, offsetMs);
      },
    };
    const plan = planFor({ how: "drift", offsetsMs: [-hourMs], lastsMs: [500, 500] });
    expect(await (await fault.arm(plan, { clock: watched }, never))(never)).toMatchObject({ proven: true });
    expect(steps.length).toBeGreaterThan(2);
    expect(steps.toSorted((a, b) => b - a)).toEqual(steps);
    expect(steps.at(-1)).toBe(-hourMs);
    expect(await fault.heal(plan, { clock }, never)).toMatchObject({ proven: true });
  });

  test("a clock that was not bent, and one that was not set right, are not proven to be", async () => {
    const plan = planFor({});
    const idle = { clock: { ...clock, bend: () => {} } };
    const wasRead = new AbortController();
    const watched: ClockLever = {
      ...idle.clock,
      async read(...whose) {
        const told = await clock.read(...whose);
        if (armed) setImmediate(() => wasRead.abort());
        return told;
      },
    };
    let armed = false;
    const bite = await fault.arm(plan, { clock: watched }, never);
    armed = true;
    const missed = await bite(wasRead.signal);
    expect(missed).toMatchObject({
      proven: false,
      why: expect.stringMatching(/clock:worker:0 is off by -?\d+ ms, and not by 3600000/),
    });
    expect(await (await fault.arm(plan, { clock }, never))(never)).toMatchObject({ proven: true });
    expect(await fault.heal(plan, idle, soon())).toMatchObject({ proven: false });
    expect(await fault.heal(plan, { clock }, never)).toMatchObject({ proven: true });
  });

  test("a process that tells another monotonic clock proves nothing", async () => {
    const wrong: ClockLever = {
      ...clock,
      read: async (resource, stop) => {
        const { wallMs, monotonicNs } = await clock.read(resource, stop);
        return { wallMs, monotonicNs: monotonicNs - 1e12 };
      },
    };
    expect(await fault.heal(planFor({}), { clock: wrong }, soon())).toMatchObject({ proven: false });
  });

  test("whoever starts while it is bent starts with it, process and store", async () => {
    for (const of of ["worker", "store"] as const) {
      const plan = planFor({ of });
      const bite = await fault.arm(plan, { clock }, never);
      const before = await bite(never);
      expect(before).toMatchObject({ proven: true });
      if (of === "store") {
        await levers.store.stop("crash");
        await levers.store.start();
      } else {
        const holder = slots.holder("worker:0") ?? expect.fail("nobody holds the slot");
        expect(levers.process.signal(holder.identity, "SIGKILL")).toBe(true);
        await slots.replacement("worker:0", holder, never);
      }
      expect(await bite(never)).toMatchObject({ proven: true });
      expect(await fault.heal(plan, { clock }, never)).toMatchObject({ proven: true });
    }
  });

  test("a clock that nobody meant to bend is not in the run's hands", async () => {
    expect(() => clock.bend("clock:worker:7", 0)).toThrow("no hold of clock:worker:7");
    expect(environment.variablesFor("worker:7")).toEqual({});
    const { clock: orphaned } = environment.levers(nobody);
    expect(await fault.heal(planFor({}), { clock: orphaned }, soon())).toMatchObject({ proven: false });
  });
});
