/** Real processes really killed, in slots that a small supervisor fills again. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Resource } from "../../history/journal.ts";
import { eventually } from "../../std/deadline.ts";
import { identify, isAlive } from "../../std/process-identity.ts";
import { seeded } from "../../std/random.ts";
import { nobody } from "../../test/environment.ts";
import type { ProcessHolder } from "../contract.ts";
import { faults } from "../index.ts";
import { orphanedProcessLever, processLever, type ProcessRegistry } from "../levers/process.ts";

const fault = faults["worker-kill"];
const never = new AbortController().signal;
const plan = fault.plan({}, { workers: 1, producers: 1 }, seeded("kill"));

const children = new Set<ChildProcess>();
let isOver = false;
beforeEach(() => {
  isOver = false;
});
afterEach(() => {
  isOver = true;
  children.forEach((child) => child.kill("SIGKILL"));
});

/** One slot, whose holder is followed by another as soon as it ends, or by none. */
function slot(isKept: boolean): ProcessRegistry {
  let holder: ProcessHolder | undefined;
  let incarnation = 0;
  const fill = (): void => {
    const child = spawn(process.execPath, ["-e", "process.stdin.resume()"], { stdio: ["pipe", "ignore", "ignore"] });
    children.add(child);
    const identity = identify(child.pid ?? -1) ?? expect.fail("the child did not start");
    holder = { identity, incarnation: ++incarnation };
    void once(child, "exit").then(() => children.delete(child) && isKept && !isOver && fill());
  };
  fill();
  return {
    ...nobody,
    holder: (resource: Resource) => (resource === "worker:0" ? holder : undefined),
    replacement: (_resource, of, stop) =>
      eventually(() => holder && holder.incarnation > of.incarnation && holder, {
        deadlineMs: 60_000,
        awaited: "another holder",
        stop,
      }),
  };
}

test("bites the very holder of the slot, and is over when another one is ready", async () => {
  const levers = { process: processLever(slot(true)) };
  for (let time = 0; time < 3; time++) {
    const before = levers.process.holder("worker:0") ?? expect.fail("nobody holds the slot");
    const bit = await (await fault.arm(plan, levers, never))(never);
    expect(bit).toMatchObject({ proven: true, facts: { killed: before.identity.pid } });
    expect(isAlive(before.identity)).toBe(false);
    const healed = await fault.heal(plan, levers, never);
    expect(healed).toMatchObject({ proven: true, facts: { incarnation: before.incarnation + 1 } });
  }
});

test("a signal that went elsewhere is not proven", async () => {
  const levers = { process: { ...processLever(slot(true)), signal: () => true } };
  const bite = await fault.arm(plan, levers, never);
  expect(await bite(AbortSignal.timeout(500))).toMatchObject({ proven: false });
});

test("a slot that stays empty is not healed", async () => {
  const levers = { process: processLever(slot(false)) };
  expect(await (await fault.arm(plan, levers, never))(never)).toMatchObject({ proven: true });
  expect(await fault.heal(plan, levers, AbortSignal.timeout(500))).toMatchObject({ proven: false });
});

test("a pid that was given to another process is not signalled", async () => {
  const registry = slot(true);
  const { identity } = registry.holder("worker:0") ?? expect.fail("nobody holds the slot");
  const stranger = { identity: { ...identity, startedAt: "another time" }, incarnation: 1 };
  const levers = { process: processLever({ ...registry, holder: () => stranger }) };
  await expect(fault.arm(plan, levers, never)).rejects.toThrow("was gone already");
  expect(isAlive(identity)).toBe(true);
});

test("without a supervisor there is nobody to kill and nothing to heal", async () => {
  const levers = { process: orphanedProcessLever };
  await expect(fault.arm(plan, levers, never)).rejects.toThrow("nobody holds worker:0");
  expect(await fault.heal(plan, levers, AbortSignal.timeout(300))).toMatchObject({ proven: false });
});
