/** Real processes really killed, stopped and asked to go, in slots that a small supervisor fills again. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Resource } from "../../history/resource.ts";
import { eventually } from "../../std/deadline.ts";
import { isAlive, isStopped, type ProcessIdentity } from "../../std/process-identity.ts";
import { seeded } from "../../std/random.ts";
import { keepSlots, type Slots, type SlotTerms } from "../testing/slots.ts";
import type { Fault, Planned, ProcessHolder, ProcessLever } from "../contract.ts";
import { faults } from "../index.ts";
import { orphanedProcessLever, processLever } from "../levers/process.ts";

const never = new AbortController().signal;
const soon = (): AbortSignal => AbortSignal.timeout(400);

const names: readonly Resource[] = ["worker:0", "worker:1", "producer:0"];
let scope: DisposableStack;
beforeEach(() => {
  scope = new DisposableStack();
});
afterEach(() => scope.dispose());

/** Everybody is ready. */
async function started(terms?: SlotTerms): Promise<ProcessLever & { readonly slots: Slots }> {
  const slots = scope.use(keepSlots(names, terms));
  const before: ProcessHolder = { identity: { pid: 0, startedAt: "" }, incarnation: 0, ready: false };
  await Promise.all(names.map((slot) => slots.replacement(slot, before, never)));
  return { ...processLever(slots), slots };
}

const holding = (lever: ProcessLever, slot: Resource): ProcessHolder =>
  lever.holder(slot) ?? expect.fail(`nobody holds ${slot}`);

const cases: Readonly<Record<string, { fault: Fault<unknown, Planned, "process">; fact: string }>> = {
  "worker-kill": { fault: faults["worker-kill"], fact: "SIGKILL" },
  "worker-restart": { fault: faults["worker-restart"], fact: "SIGTERM" },
  "worker-pause": { fault: faults["worker-pause"], fact: "stopped" },
  "fleet-away": { fault: faults["fleet-away"], fact: "killed" },
  "fleet-leaves": { fault: faults["fleet-leaves"], fact: "SIGTERM" },
  "producer-kill": { fault: faults["producer-kill"], fact: "SIGKILL" },
};

describe.each(Object.entries(cases))("%s", (name, { fault, fact }) => {
  const plan = fault.plan(fault.options.parse({}), { workers: 2, producers: 1 }, seeded(name));

  test("bites the very holders of its slots and nobody else, and is over when they are held again", async () => {
    const lever = await started();
    const others = names.filter((slot) => !plan.touches.includes(slot)).map((slot) => holding(lever, slot));
    for (let time = 0; time < 2; time++) {
      const hit = plan.touches.map((slot) => holding(lever, slot).identity);
      const bit = await (await fault.arm(plan, { process: lever }, never))(never);
      expect(bit).toMatchObject({ proven: true });
      expect([bit.proven && bit.facts[fact]].flat()).toEqual(hit.map(({ pid }) => pid));
      const isGoneOrStill = (one: ProcessIdentity): boolean => !isAlive(one) || isStopped(one);
      expect(hit.every(isGoneOrStill)).toBe(true);
      for (let again = 0; again < 2; again++) {
        expect(await fault.heal(plan, { process: lever }, never)).toMatchObject({ proven: true });
      }
      const held = plan.touches.map((slot) => holding(lever, slot).identity);
      expect(held.map(isGoneOrStill)).toEqual(held.map(() => false));
    }
    expect(others.map(({ identity }) => isAlive(identity))).toEqual(others.map(() => true));
  });

  test("a signal that went elsewhere is not proven", async () => {
    const lever = await started();
    const amiss = { ...lever, signal: () => true };
    expect(await (await fault.arm(plan, { process: amiss }, never))(soon())).toMatchObject({ proven: false });
  });

  test("without a supervisor there is nobody to hit and nothing to heal", async () => {
    const levers = { process: orphanedProcessLever };
    await expect(fault.arm(plan, levers, never)).rejects.toThrow(`nobody holds ${plan.touches[0]}`);
    expect(await fault.heal(plan, levers, soon())).toMatchObject({ proven: false });
  });
});

const planned = (fault: Fault<unknown, Planned, "process">) =>
  fault.plan(fault.options.parse({}), { workers: 1, producers: 1 }, seeded("one"));

test.each(["worker-kill", "fleet-away"] as const)("a slot that stays empty after %s is not healed", async (name) => {
  const lever = await started({ kept: false });
  const idle = { process: { ...lever, admit: () => {} } };
  const fault: Fault<unknown, Planned, "process"> = faults[name];
  const plan = planned(fault);
  expect(await (await fault.arm(plan, idle, never))(never)).toMatchObject({ proven: true });
  expect(await fault.heal(plan, idle, soon())).toMatchObject({ proven: false });
});

test("a pid that was given to another process is not signalled", async () => {
  const lever = await started();
  const { identity } = holding(lever, "worker:0");
  const stranger = { identity: { ...identity, startedAt: "another time" }, incarnation: 1, ready: true };
  const levers = { process: { ...lever, holder: () => stranger } };
  const fault = faults["worker-kill"];
  const plan = fault.plan({}, { workers: 1, producers: 1 }, seeded("kill"));
  await expect(fault.arm(plan, levers, never)).rejects.toThrow("was gone already");
  expect(isAlive(identity)).toBe(true);
});

test("a fleet whose slots are filled again at once was not away", async () => {
  const lever = await started();
  const bite = await faults["fleet-away"].arm(
    planned(faults["fleet-away"]),
    { process: { ...lever, keepOut: () => {} } },
    never,
  );
  const before = { identity: holding(lever, "worker:0").identity, incarnation: 3, ready: true };
  await lever.replacement("worker:0", before, never);
  expect(await bite(soon())).toMatchObject({ proven: false, why: expect.stringContaining("was started in worker:0") });
});

test.each(["worker-restart", "fleet-leaves"] as const)("%s: who ignores the request to stop goes on", async (name) => {
  const lever = await started({ onTerm: "" });
  const fault: Fault<unknown, Planned, "process"> = faults[name];
  const bite = await fault.arm(planned(fault), { process: lever }, never);
  expect(await bite(soon())).toMatchObject({ proven: false, why: expect.stringContaining("still lives") });
});

test("a paused worker hears nothing until it goes on", async () => {
  const lever = await started();
  const fault = faults["worker-pause"];
  const plan = fault.plan({ lastsMs: [500, 500] }, { workers: 1, producers: 1 }, seeded("pause"));
  expect(await (await fault.arm(plan, { process: lever }, never))(never)).toMatchObject({ proven: true });
  await expect(lever.clocks("worker:0", soon())).rejects.toThrow("aborted");
  const idle = { ...lever, signal: () => true };
  expect(await fault.heal(plan, { process: idle }, soon())).toMatchObject({
    proven: false,
    why: expect.stringContaining("stands still"),
  });
  expect(await fault.heal(plan, { process: lever }, never)).toMatchObject({ proven: true });
  expect(
    await eventually(() => lever.clocks("worker:0", never), { deadlineMs: 10_000, awaited: "its word" }),
  ).toBeDefined();
});
