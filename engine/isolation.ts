/**
 * Runs the suspects: jobs that were in the hands of two workers when these died. One of them may be what kills. At first
 * they run with each other only, which clears most of them at once. Whose worker dies again runs alone in its process, and is on
 * record at the broker while it does. So a death that leaves a record has one cause, and innocent neighbours of a killer,
 * whose runs end, have none. Who has killed too often is dead, as poison.
 *
 *   the dead ──claim──▶ set aside ──▶ running with other suspects ──settle──▶ gone
 *                        │  │▲             └ its worker dies
 *                        │  │└─────────────┴───────────────┐
 *                        │  └──isolate──▶ running alone ──▶ its worker dies: the record stays
 *                        │                     └──settle──▶ gone, and its record with it
 *                        └──waited too long──▶ running among others: whoever is on record in that process is struck from it
 *
 * Alone is as far as it can be had: who runs for long already goes on beside a suspect, since it has not killed so far, and
 * nobody is kept waiting for it. Each suspect begins in a hand that was kept for it, and is nobody's before.
 */
import { insist, nowMs, repeat, sleeper } from "./clock.ts";
import type { Company } from "./company.ts";
import type { Held } from "./entry.ts";
import type { Hand } from "./hand.ts";
import { shuffled } from "./random.ts";
import type { Runner } from "./runner.ts";
import type { Verdict } from "./settlement.ts";
import type { Isolated, Steps, Suspect } from "./steps.ts";

export interface Isolation {
  /** There may be suspects. */
  wake(): void;
  /** The worker goes in good order while a suspect still runs in it: that is no death. @param but those that make it go */
  absolve(but: ReadonlySet<string>): Promise<void>;
}

type Taken = Extract<Isolated, { state: "taken" }>;

/** Until it is woken. */
const idleMs = 60_000;
/** Between two looks at who waits, and whether it may be alone. */
const lookMs = 1000;
/** The same while work of the dead goes first. */
const urgentMs = 200;
/** Between two looks whether the worker is confirmed to be alive. */
const pauseMs = 50;
/** A run that could not be struck from its record within this time stays on it. */
const absolveMs = 3000;

export function isolationOf({
  consumer,
  steps,
  company,
  hand,
  runner,
  concurrency,
  maxDeliveries,
  closedMs,
  patienceMs,
  stop,
  mayStart,
  mayClose,
  run,
  settle,
  lost,
  patience,
  failed,
}: {
  readonly consumer: string;
  readonly steps: Pick<Steps, "suspects" | "isolate" | "absolve">;
  readonly company: Company;
  readonly hand: Hand;
  readonly runner: Pick<Runner, "poison" | "free" | "reserve" | "giveBack">;
  readonly concurrency: number;
  readonly maxDeliveries: number;
  /** How long nobody begins before a suspect does, and how long beside it. */
  readonly closedMs: number;
  /** How long a suspect waits to be alone. */
  readonly patienceMs: number;
  readonly stop: AbortSignal;
  readonly mayStart: () => boolean;
  /** Not while there is work of the dead to take over: who is under no suspicion goes first. */
  readonly mayClose: () => boolean;
  /** In a hand that was reserved. */
  readonly run: (held: Held) => void;
  readonly settle: (verdict: Verdict) => void;
  readonly lost: () => void;
  readonly patience: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}): Isolation {
  const bed = sleeper();
  /** Who waits, and since when, as far as this worker saw it. */
  const seenAt = new Map<string, number>();
  /** Those that this worker has begun with. */
  const begun = new Set<string>();
  let running: string | undefined;

  async function strike(entry: string): Promise<void> {
    const until = nowMs() + absolveMs;
    await insist(
      () => steps.absolve(consumer, entry),
      () => nowMs() > until,
      patience,
    );
  }

  /** @param onRecord whether it counts, should its worker die of it */
  async function isolate(entry: string, onRecord: boolean): Promise<Taken | undefined> {
    hand.keep(entry); // from now on it may be ours
    const isolated = await insist(
      () => steps.isolate(consumer, entry, onRecord),
      () => stop.aborted,
      patience,
    );
    if (isolated?.state === "taken") return isolated;
    if (isolated?.state === "lost") lost();
    hand.drop(entry);
    return undefined;
  }

  /** In a hand that is reserved for it, which is given back where it does not run. Resolves when it is over. */
  async function carryOut(taken: Taken | undefined, mayBegin: () => boolean): Promise<void> {
    if (taken === undefined) return runner.giveBack();
    const { held, killed } = taken;
    if (killed >= maxDeliveries) {
      runner.giveBack();
      settle(runner.poison(held, killed));
      return hand.gone(held.entry);
    }
    while (!mayBegin() && !stop.aborted) await sleeper().sleep(pauseMs);
    if (stop.aborted) {
      runner.giveBack();
      return hand.drop(held.entry);
    }
    run(held);
    await hand.gone(held.entry);
  }

  /** From the record before the run to the answer of its settlement: only then is it known that it did not kill. */
  async function runAlone(entry: string): Promise<void> {
    running = entry;
    const isolating = isolate(entry, !company.hasSuspects());
    const forget = company.onSuspect(async () => {
      await isolating;
      await strike(entry);
    });
    await carryOut(await isolating, mayStart);
    forget();
    running = undefined;
    await strike(entry);
  }

  const runInCompany = async (entry: string): Promise<void> => carryOut(await isolate(entry, false), mayStart);

  /** Nobody could tell who it was, so it does not count. */
  const runAmongOthers = (entry: string): Promise<void> =>
    company.admit(async () => carryOut(await isolate(entry, false), () => mayStart() && company.isOpen()));

  /** Each once at a time. */
  async function begin(entry: string, how: (entry: string) => Promise<void>): Promise<void> {
    begun.add(entry);
    await how(entry).finally(() => begun.delete(entry));
  }

  async function waiting(): Promise<readonly Suspect[]> {
    const suspects = ((await steps.suspects()) ?? []).filter(({ entry }) => !begun.has(entry));
    const listed = new Set(suspects.map(({ entry }) => entry));
    for (const entry of seenAt.keys()) if (!listed.has(entry)) seenAt.delete(entry);
    for (const entry of listed) if (!seenAt.has(entry)) seenAt.set(entry, nowMs());
    return shuffled(suspects);
  }

  async function reserveForOne(): Promise<boolean> {
    if (!(await runner.reserve(stop))) return false;
    if (mayClose()) return true;
    runner.giveBack();
    return false;
  }

  /** A hand is reserved. Most are innocent: those who are new to it are cleared together. Should their worker die, each runs alone the next time. */
  async function runSome(isAlone: boolean): Promise<void> {
    const suspects = stop.aborted ? [] : await waiting();
    const [first] = suspects;
    const fresh = suspects.filter(({ isNew }) => isNew);
    if (first === undefined) return runner.giveBack();
    if (fresh.length < 2) return begin(first.entry, runAlone);
    const together = fresh.slice(0, Math.min(runner.free + 1, concurrency));
    const runIn = async (entry: string, how: (entry: string) => Promise<void>): Promise<void> => {
      if (await runner.reserve(stop)) await begin(entry, how);
    };
    runner.giveBack();
    const runs = together.map(({ entry }) => runIn(entry, isAlone ? runInCompany : runAmongOthers));
    // Among others they are not worth a closed door.
    if (isAlone) await Promise.all(runs);
    else for (const each of runs) each.catch(failed);
  }

  async function look(): Promise<number> {
    const suspects = stop.aborted || !mayStart() ? [] : await waiting();
    if (suspects.length === 0) return idleMs;
    const isLate = ({ entry }: Suspect): boolean => nowMs() - (seenAt.get(entry) ?? nowMs()) > patienceMs;
    // Where suspects are among others already, nobody can be alone, and who is new to it is none the worse for them.
    const next = suspects.find((one) => isLate(one) || (one.isNew && company.hasSuspects()));
    if (next !== undefined) {
      if (await runner.reserve(stop)) begin(next.entry, runAmongOthers).catch(failed);
      return 0;
    }
    const freeInMs = company.freeInMs();
    if (freeInMs > 0) return Math.min(freeInMs, lookMs);
    if (!mayClose()) return urgentMs;
    company.alone(closedMs, reserveForOne, runSome).then(bed.wake, failed);
    return lookMs;
  }

  void repeat(look, { stop, bed, failed });

  return {
    wake: bed.wake,
    async absolve(but) {
      if (running !== undefined && !but.has(running)) await strike(running);
    },
  };
}
