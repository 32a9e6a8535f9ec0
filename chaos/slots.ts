/**
 * What all faults on processes have in common: whom they hit, and that the slot is held by somebody ready in the end.
 */
import { z } from "zod";
import type { Evidence } from "../history/journal.ts";
import { slotOf, type Resource } from "../history/resource.ts";
import type { Random } from "../std/random.ts";
import { isAlive } from "../std/process-identity.ts";
import type { Bite, Fault, Planned, ProcessHolder, ProcessLever, Target } from "./contract.ts";
import { bitMs, prove, together } from "./proof.ts";

export interface SlotPlan extends Planned {
  readonly touches: readonly [Resource];
}

type Role = "worker" | "producer";

export const drawSlot = <R extends Role>(role: R, target: Target, random: Random): `${R}:${number}` =>
  slotOf(role, random.fork(role).below(target[`${role}s`]));

/** @throws Error when nobody does */
export function holderOf(slot: Resource, lever: ProcessLever): ProcessHolder {
  const holder = lever.holder(slot);
  if (holder === undefined) throw new Error(`nobody holds ${slot}`);
  return holder;
}

/** @throws Error when nobody holds the slot, or whoever does is gone by now */
export function signalHolder(slot: Resource, name: NodeJS.Signals, lever: ProcessLever): ProcessHolder {
  const holder = holderOf(slot, lever);
  if (!lever.signal(holder.identity, name)) throw new Error(`the process in ${slot} was gone already`);
  return holder;
}

/** @throws Error when it still lives */
export function expectGone(slot: Resource, { identity }: ProcessHolder): void {
  if (isAlive(identity)) throw new Error(`process ${identity.pid} in ${slot} still lives`);
}

/** Signals whoever holds the slot; bitten when that very process is gone. */
export function endHolder(slot: Resource, name: NodeJS.Signals, lever: ProcessLever, withinMs: number): Bite {
  const holder = signalHolder(slot, name, lever);
  return (stop) =>
    prove(
      async () => {
        expectGone(slot, holder);
        return { [name]: holder.identity.pid, incarnation: holder.incarnation };
      },
      withinMs,
      stop,
    );
}

/** Longer than any other fault in whose shadow the replacement may start. */
const replacedMs = 60_000;

/** Whoever is ready in the slot follows this one. */
const anybody: ProcessHolder = { identity: { pid: 0, startedAt: "" }, incarnation: -1, ready: false };

/** Proves that somebody lives in each slot who is ready to work. */
export const allHeld = (slots: readonly Resource[], lever: ProcessLever, stop: AbortSignal): Promise<Evidence> =>
  prove(
    async () => ({
      ready: await together(
        slots.map(async (slot) => {
          const { identity, incarnation } = await lever.replacement(slot, anybody, stop);
          // The supervisor may not have heard yet that the one before is dead.
          if (!isAlive(identity)) throw new Error(`process ${identity.pid} in ${slot} is dead`);
          return { slot, pid: identity.pid, incarnation };
        }),
      ),
    }),
    replacedMs,
    stop,
  );

const killLastsMs = 200;

/** The end that nobody sees coming; the harness starts another process in its place. */
export const killFault = (role: Role, about: string): Fault<Record<string, never>, SlotPlan, "process"> => ({
  about,
  effect: "killed",
  needs: ["process"],
  options: z.strictObject({}),
  plan: (_options, target, random) => ({
    lastsMs: killLastsMs,
    touches: [drawSlot(role, target, random)],
    relies: [],
  }),
  arm: async ({ touches: [slot] }, levers) => endHolder(slot, "SIGKILL", levers.process, bitMs(killLastsMs)),
  heal: ({ touches }, levers, stop) => allHeld(touches, levers.process, stop),
});
