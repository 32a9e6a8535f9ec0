/**
 * Carries out a schedule of faults beside the load: journalled before it is armed, proven to bite while it is in force,
 * healed at its time whatever happened before, proven over. A fault that throws is a fault that did not bite.
 */
import type { Bite, Fault, Levers } from "../chaos/contract.ts";
import type { Journal } from "../history/journal-file.ts";
import type { Evidence, JournalEntry } from "../history/journal.ts";
import type { Resource } from "../history/resource.ts";
import type { Clock } from "../std/clock.ts";
import { within } from "../std/deadline.ts";
import { plain, type Json } from "../std/json.ts";
import { messageOf } from "../std/user-error.ts";
import { meet, type Scheduled } from "./schedule.ts";

const healMs = 60_000;
/** Longer than anything that arms a fault or proves that it bit should take beside its own time. */
const biteMs = 60_000;
/** What does not end when it is told to is left alone after so much more. */
const patienceMs = 10_000;

export interface FaultsUnderWay {
  /** Names of the faults in force now. */
  inForce(): readonly string[];
  /** Whether a fault that touches it is in force, or was at some time since then. */
  touched(resource: Resource, sinceNs: number): boolean;
  /** How many of the schedule are over. */
  past(): number;
  /** Resolves when all are healed: after the last of the schedule, or at once after `stop`. */
  readonly over: Promise<void>;
}

export function trouble(
  schedule: readonly Scheduled[],
  faults: Readonly<Record<string, Fault>>,
  levers: Levers,
  tools: { readonly journal: Journal; readonly clock: Clock; readonly handles: Json },
  originNs: number,
  stop: AbortSignal,
): FaultsUnderWay {
  const { journal, clock } = tools;
  /** By id, what was touched and until when. */
  const spans = new Map<string, { readonly touches: readonly Resource[]; readonly toNs: number }>();
  const inForce = (): readonly string[] => [...spans].flatMap(([id, { toNs }]) => (toNs === endless ? [id] : []));

  const ends = new Map(schedule.map((one) => [one, Promise.withResolvers<void>()]));

  const carryOut = async (one: Scheduled): Promise<void> => {
    const { id, fault: name, atMs, plan } = one;
    await clock.until(originNs + atMs * 1e6, stop);
    const fault = faults[name];
    if (stop.aborted || fault === undefined) return;
    // The schedule keeps them apart; a heal that takes longer than was planned must not meet the next on the same
    // thing.
    await Promise.all(schedule.flatMap((other) => (isBefore(other, one) && meet(other.plan, plan) ? over(other) : [])));
    if (stop.aborted) return;
    const missed = await whyMissed(plan.lastsMs + biteMs, stop, (ending) => fault.meet?.(plan, levers, ending));
    if (stop.aborted) return;
    journal.write(armingOf(one, fault, tools.handles));
    const endNs = clock.nowNs() + plan.lastsMs * 1e6;
    spans.set(id, { touches: plan.touches, toNs: endless });
    // Whatever becomes of it, and of the journal: what may be in force is healed.
    try {
      const bit = await proof(plan.lastsMs + biteMs, stop, async (ending) => {
        if (missed !== undefined) throw new Error(missed);
        const bite: Bite = await fault.arm(plan, levers, ending);
        journal.write({ type: "armed", id });
        return bite(ending);
      });
      journal.write({ type: "bit", id, evidence: bit });
      await clock.until(endNs, stop);
    } finally {
      const healed = await proof(healMs, undefined, (ending) => fault.heal(plan, levers, ending));
      journal.write({ type: "healed", id, evidence: healed });
      spans.set(id, { touches: plan.touches, toNs: clock.nowNs() });
    }
  };

  const over = (one: Scheduled): readonly Promise<void>[] => [ends.get(one)?.promise ?? Promise.resolve()];

  return {
    inForce,
    touched: (resource, sinceNs) =>
      [...spans.values()].some(({ touches, toNs }) => toNs >= sinceNs && touches.includes(resource)),
    past: () => spans.size - inForce().length,
    // All of them, and at the same time: the heal of one may need that of another.
    over: Promise.allSettled(schedule.map((one) => carryOut(one).finally(ends.get(one)?.resolve))).then(firstRejection),
  };
}

const endless = Number.POSITIVE_INFINITY;

const armingOf = ({ id, fault, plan }: Scheduled, { effect }: Fault, handles: Json): JournalEntry => ({
  type: "arming",
  id,
  fault,
  effect,
  touches: plan.touches,
  plan: plain(plan),
  handles,
});

const isBefore = (other: Scheduled, one: Scheduled): boolean =>
  other.atMs < one.atMs || (other.atMs === one.atMs && other.id < one.id);

/** Why those did not come whom a fault is meant for; undefined when they are there. */
async function whyMissed(
  ms: number,
  stop: AbortSignal,
  meet: (ending: AbortSignal) => Promise<unknown> | undefined,
): Promise<string | undefined> {
  try {
    await within(Promise.resolve(meet(AbortSignal.any([stop, AbortSignal.timeout(ms)]))), ms + patienceMs, "a meeting");
    return undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

/**
 * What was gathered, or why nothing was: at the latest soon after `ms`, also when the gathering itself does not end.
 */
async function proof(
  ms: number,
  stop: AbortSignal | undefined,
  gather: (ending: AbortSignal) => Promise<Evidence>,
): Promise<Evidence> {
  const late = AbortSignal.timeout(ms);
  try {
    const gathered = gather(stop === undefined ? late : AbortSignal.any([stop, late]));
    return await within(gathered, ms + patienceMs, "its proof, which does not end");
  } catch (thrown) {
    return { proven: false, why: messageOf(thrown) };
  }
}

function firstRejection(results: readonly PromiseSettledResult<void>[]): void {
  const rejected = results.find((result) => result.status === "rejected");
  if (rejected !== undefined) throw rejected.reason;
}
