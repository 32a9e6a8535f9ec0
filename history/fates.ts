/**
 * What became of each job, as one partition: every job that the system took charge of has exactly one fate, and each
 * fate has exactly one check that owns it, so that one lost job is one red line. This is the only place that decides
 * it.
 */
import { outcomes, type Ledger, type LifeEvent } from "./ledger.ts";
import { places } from "./record.ts";
import { oncePer } from "../std/once.ts";

export const fates = {
  /**
   * The system never took charge of it, as far as anyone saw: not sent, refused, or unanswered and never seen again; or
   * acknowledged as another, of which it is a repetition.
   */
  none: 0,
  /** Its handler finished, and the system settled it as done. */
  done: 1,
  /** In the dead-letter place. */
  dead: 2,
  /** Still waiting, active or delayed at the final scan. */
  held: 3,
  /** Without an end, and nowhere. */
  vanished: 4,
  /** Settled as done, but no handler ever finished it. */
  settledWithoutRun: 5,
  /** Without an end, and nowhere, but as what another text was made of: `no-phantom` tells it. */
  changed: 6,
} as const;
export type Fate = keyof typeof fates;

export interface Fates {
  /** By job, one of `fates`. */
  readonly of: Uint8Array;
  readonly counts: Readonly<Record<Fate, number>>;
  /** Jobs whose enqueue was never acknowledged as theirs, but which were seen to be in the system. */
  readonly recovered: number;
}

/** Where work is that still has to be done. */
export const unfinished = places.waiting | places.active | places.delayed;

/** The system took charge of it, and it never came to an end, be it lost, changed or left lying. */
export const isOpen = (fate: number | undefined): boolean =>
  fate === fates.held || fate === fates.vanished || fate === fates.changed;

export const fatesOf = oncePer(decide);

function decide(ledger: Ledger): Fates {
  const { outcome, starts, ends, acceptedDone, acceptedDead, place } = ledger.columns;
  const { tellsSettlements } = ledger.run;
  const of = new Uint8Array(outcome.length);
  const counts = new Float64Array(Object.keys(fates).length);
  const patient = patientProcesses(ledger);
  const changed = new Set(ledger.corrupt.map(({ job }) => job));
  let recovered = 0;
  for (let job = 0; job < of.length; job++) {
    const found = place[job] ?? 0;
    const accepted = acceptedDone[job] ?? 0;
    let fate: number = fates.none;
    if (outcome[job] !== outcomes.ok) {
      const doubtful = outcome[job] !== outcomes.notSent && outcome[job] !== outcomes.refused;
      const seen = (starts[job] ?? 0) > 0 || found !== 0 || accepted > 0 || (acceptedDead[job] ?? 0) > 0;
      if (!doubtful || !seen) {
        counts[fate]!++;
        continue;
      }
      recovered++;
    }
    if (accepted > 0) fate = (ends[job] ?? 0) > 0 ? fates.done : fates.settledWithoutRun;
    else if ((found & places.dead) !== 0) fate = fates.dead;
    else if ((found & unfinished) !== 0) fate = fates.held;
    else if ((ends[job] ?? 0) === 0) fate = fates.vanished;
    else if (!tellsSettlements || settledUnseen(ledger.life(job), patient)) fate = fates.done;
    else fate = fates.vanished;
    if (fate === fates.vanished && changed.has(job)) fate = fates.changed;
    of[job] = fate;
    counts[fate]!++;
  }
  const count = (fate: Fate): number => counts[fates[fate]] ?? 0;
  return {
    of,
    counts: {
      none: count("none"),
      done: count("done"),
      dead: count("dead"),
      held: count("held"),
      vanished: count("vanished"),
      settledWithoutRun: count("settledWithoutRun"),
      changed: count("changed"),
    },
    recovered,
  };
}

/** It was acknowledged as another job, and nobody has seen it itself: there is nothing of it to be waited for. */
export const isRepetition = (ledger: Ledger, job: number): boolean =>
  ledger.columns.outcome[job] === outcomes.duplicate && fatesOf(ledger).of[job] === fates.none;

/** The last that is known of its runs is a failure: if it is dead, it is dead of that. */
export const lastRunFailed = (life: readonly LifeEvent[]): boolean =>
  life.findLast(({ kind }) => kind === "start" || kind === "end" || kind === "failed")?.kind === "failed";

/**
 * Those that heard the answer to all that they sent. Who was asked to stop may have gone before, which is
 * `graceful-stop`'s.
 */
function patientProcesses({ incarnations, incidents }: Ledger): ReadonlySet<number> {
  const asked = new Set(incidents.flatMap(({ effect, incarnations: hit }) => (effect === "asked-to-stop" ? hit : [])));
  return new Set(
    incarnations.flatMap(({ end, incarnation }) => (end === "closed" && !asked.has(incarnation) ? [incarnation] : [])),
  );
}

/**
 * A handler finished, and its process was killed, went on request, or lost the answer, before anyone could tell how the
 * settlement went. The job is gone from the system, so the settlement is what took it away. A process that lived on
 * would have told.
 */
function settledUnseen(life: readonly LifeEvent[], patient: ReadonlySet<number>): boolean {
  return life.some((end, index) => {
    if (end.kind !== "end") return false;
    const told = life
      .slice(index + 1)
      .find(
        ({ kind, incarnation }) =>
          incarnation === end.incarnation &&
          (kind === "accepted" || kind === "settlementRefused" || kind === "settlementUnknown"),
      );
    return told === undefined ? !patient.has(end.incarnation) : told.kind === "settlementUnknown";
  });
}
