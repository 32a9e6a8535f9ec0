/**
 * Carries out a schedule of faults beside the load: journalled before it is armed, proven to bite while it is in force,
 * healed at its time whatever happened before, proven over. A fault that throws is a fault that did not bite.
 */
import type { Fault, Levers } from "../chaos/contract.ts";
import type { Journal } from "../history/journal-file.ts";
import type { Evidence } from "../history/journal.ts";
import type { Clock } from "../std/clock.ts";
import type { Json } from "../std/json.ts";
import { messageOf } from "../std/user-error.ts";
import type { Scheduled } from "./schedule.ts";

const healMs = 60_000;

export interface Trouble {
  /** Names of the faults in force now. */
  inForce(): readonly string[];
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
): Trouble {
  const { journal, clock } = tools;
  const inForce = new Set<string>();
  let past = 0;

  const carryOut = async ({ id, fault: name, atMs, plan }: Scheduled): Promise<void> => {
    await clock.until(originNs + atMs * 1e6, stop);
    const fault = faults[name];
    if (stop.aborted || fault === undefined) return;
    journal.write({
      type: "arming",
      id,
      fault: name,
      effect: fault.effect,
      touches: plan.touches,
      plan: plain(plan),
      handles: tools.handles,
    });
    const endNs = clock.nowNs() + plan.lastsMs * 1e6;
    inForce.add(id);
    const bit = await proof(async () => {
      const bite = await fault.arm(plan, levers, stop);
      journal.write({ type: "armed", id });
      return bite(stop);
    });
    journal.write({ type: "bit", id, evidence: bit });
    await clock.until(endNs, stop);
    const healed = await proof(() => fault.heal(plan, levers, AbortSignal.timeout(healMs)));
    journal.write({ type: "healed", id, evidence: healed });
    inForce.delete(id);
    past++;
  };

  return {
    inForce: () => [...inForce],
    past: () => past,
    over: Promise.all(schedule.map(carryOut)).then(() => {}),
  };
}

async function proof(gather: () => Promise<Evidence>): Promise<Evidence> {
  try {
    return await gather();
  } catch (thrown) {
    return { proven: false, why: messageOf(thrown) };
  }
}

/** A plan as the journal keeps it. */
const plain = (value: unknown): Json => JSON.parse(JSON.stringify(value));
