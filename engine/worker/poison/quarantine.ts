/**
 * The quarantine of suspects: jobs that were in the PELs of two workers when these died. One of them may be what kills.
 * At first they run with each other only, which clears most of them at once. Whose worker dies again runs isolated in
 * its process, and is on record at the broker while it does. So a death that leaves a record has one cause, and
 * innocent neighbours of a killer, whose runs end, have none. Who has killed too often is dead, as poison.
 *
 *   the dead ──claim──▶ set aside ──▶ running with other suspects ──settle──▶ gone
 *                        │  │▲             └ its worker dies
 *                        │  │└─────────────┴───────────────┐
 *                        │  └──isolate──▶ running isolated ──▶ its worker dies: the record stays
 *                        │                     └──settle──▶ gone, and its record with it
 *                        └──waited too long──▶ running among others: whoever is on record there is struck from it
 *
 * Isolated is as far as it can be had: who runs for long already goes on beside a suspect, since it has not killed so
 * far, and nobody is kept waiting for it. Each suspect begins in a slot that was reserved for it, and is nobody's
 * before.
 */
import type { Steps, Suspect } from "../../redis/steps.ts";
import { repeat } from "../../std/clock.ts";
import type { Capacity } from "../capacity.ts";
import type { HandlerSlots } from "../handler-slots.ts";
import type { Runtime } from "../host.ts";
import type { InFlight } from "../in-flight.ts";
import type { ConsumerLife } from "../life.ts";
import type { Patient } from "../membership.ts";
import type { Runs } from "../runner.ts";
import { suspectsOf } from "./suspects.ts";
import { runTakenOf, trialsOf, type Trials } from "./trials.ts";

export interface Quarantine extends Pick<Trials, "absolve"> {
  /** There may be suspects. */
  wake(): void;
}

/** Of the worker in whose process the suspects run. */
interface Warden {
  readonly settings: { readonly leaseMs: number; readonly graceMs: number; readonly maxDeliveries: number };
  readonly slots: HandlerSlots;
  readonly capacity: Pick<Capacity, "isUrgent">;
  readonly runtime: Runtime;
}

/** What the dead held, and what is due, waits behind a closed gate, once before a suspect begins and once beside it. */
const closuresPerLease = 4;
/** Until it is woken. */
const idleMs = 60_000;
/** Between two looks at who waits, and whether it may be isolated. */
const lookMs = 1000;
/** The same while work of the dead goes first. */
const urgentMs = 200;

export function quarantineOf(
  consumer: Patient & { readonly steps: Pick<Steps, "suspects" | "isolate" | "absolve"> },
  inFlight: InFlight,
  runs: Pick<Runs, "start" | "poison">,
  life: Pick<ConsumerLife, "taking" | "holds" | "lose">,
  { settings: { leaseMs, graceMs, maxDeliveries }, slots, capacity, runtime }: Warden,
): Quarantine {
  const { gate, time, failed } = runtime;
  const bed = time.sleeper();
  /** How long a suspect waits to be isolated. */
  const patienceMs = Math.max(graceMs, leaseMs);
  const suspects = suspectsOf(consumer, inFlight, life, runtime);
  const trials = trialsOf(suspects, runTakenOf(maxDeliveries, runs, inFlight, slots, life, time), gate, life);

  /**
   * A slot is reserved. Most are innocent: those who are new to it are cleared together. Should their worker die, each
   * runs isolated the next time.
   */
  async function runSome(isEmptied: boolean): Promise<void> {
    const waiting = life.taking.aborted ? [] : await suspects.waiting();
    const [first] = waiting;
    const fresh = waiting.filter(({ isNew }) => isNew);
    if (first === undefined) return slots.giveBack();
    if (fresh.length < 2) return suspects.begin(first.entry, trials.isolated);
    const together = fresh.slice(0, Math.min(slots.free + 1, slots.size));
    const runIn = async (entry: string, run: (entry: string) => Promise<void>): Promise<void> => {
      if (await slots.reserve(life.taking)) await suspects.begin(entry, run);
    };
    slots.giveBack();
    const begun = together.map(({ entry }) => runIn(entry, isEmptied ? trials.together : trials.amongOthers));
    // Among others they are not worth a closed gate.
    if (isEmptied) await Promise.all(begun);
    else for (const each of begun) each.catch(failed);
  }

  async function look(): Promise<number> {
    const waiting = life.taking.aborted || !life.holds() ? [] : await suspects.waiting();
    if (waiting.length === 0) return idleMs;
    const isLate = ({ entry }: Suspect): boolean => suspects.waitedMs(entry) > patienceMs;
    // Where suspects are among others already, nobody can be isolated, and who is new to it is none the worse for them.
    const next = waiting.find((one) => isLate(one) || (one.isNew && gate.hasSuspects()));
    if (next !== undefined) {
      if (await slots.reserve(life.taking)) suspects.begin(next.entry, trials.amongOthers).catch(failed);
      return 0;
    }
    const freeInMs = gate.freeInMs();
    if (freeInMs > 0) return Math.min(freeInMs, lookMs);
    if (capacity.isUrgent()) return urgentMs;
    gate
      .isolate(leaseMs / closuresPerLease, () => reserve(slots, capacity, life.taking), runSome)
      .then(bed.wake, failed);
    return lookMs;
  }

  void repeat(look, { stop: life.taking, bed, failed });
  return { wake: bed.wake, absolve: trials.absolve };
}

/** Not while there is something to reclaim from the dead: who is under no suspicion goes first. */
async function reserve(
  slots: Pick<HandlerSlots, "reserve" | "giveBack">,
  capacity: Pick<Capacity, "isUrgent">,
  stop: AbortSignal,
): Promise<boolean> {
  if (!(await slots.reserve(stop))) return false;
  if (!capacity.isUrgent()) return true;
  slots.giveBack();
  return false;
}
