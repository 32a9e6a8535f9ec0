/**
 * Runs the suspects: jobs that were in the hands of two workers when these died. One of them may be what kills. At first
 * they run with each other only, which clears most of them at once. Whose worker dies again runs alone in its process, and is on
 * record at the broker while it does. So a death that leaves a record has one cause, and innocent neighbours of a killer,
 * whose runs end, have none. Who has killed too often is dead, as poison.
 *
 *   the dead ──claim──▶ set aside ──▶ running with other suspects ──settle──▶ gone
 *                           │▲             └ its worker dies
 *                           │└─────────────┴───────────────┐
 *                           └──isolate──▶ running alone ──▶ its worker dies: the record stays
 *                                              └──settle──▶ gone, and its record with it
 */
import { insist, nowMs, repeat, sleeper } from "./clock.ts";
import type { Company } from "./company.ts";
import type { Held } from "./entry.ts";
import type { Hand } from "./hand.ts";
import { shuffled } from "./random.ts";
import type { Runner } from "./runner.ts";
import type { Verdict } from "./settlement.ts";
import type { Isolated, Steps } from "./steps.ts";

export interface Isolation {
  /** There may be suspects. */
  wake(): void;
  /** The worker goes in good order while a suspect still runs in it: that is no death. @param but those that make it go */
  absolve(but: ReadonlySet<string>): Promise<void>;
}

type Taken = Extract<Isolated, { state: "taken" }>;

/** Until it is woken. */
const idleMs = 60_000;
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
  patienceMs,
  stop,
  mayStart,
  run,
  settle,
  took,
  lost,
  patience,
  failed,
}: {
  readonly consumer: string;
  readonly steps: Pick<Steps, "suspects" | "isolate" | "absolve">;
  readonly company: Company;
  readonly hand: Hand;
  readonly runner: Pick<Runner, "poison">;
  readonly concurrency: number;
  readonly maxDeliveries: number;
  /** How long others may go on before they have company in spite of all. */
  readonly patienceMs: number;
  readonly stop: AbortSignal;
  readonly mayStart: () => boolean;
  readonly run: (held: Held) => void;
  readonly settle: (verdict: Verdict) => void;
  readonly took: () => void;
  readonly lost: () => void;
  readonly patience: () => Promise<void>;
  readonly failed: (error: unknown) => void;
}): Isolation {
  const bed = sleeper();
  let running: string | undefined;

  async function strike(entry: string): Promise<void> {
    const until = nowMs() + absolveMs;
    await insist(
      () => steps.absolve(consumer, entry),
      () => nowMs() > until,
      patience,
    );
  }

  async function begin(held: Held): Promise<void> {
    while (!mayStart() && !stop.aborted) await sleeper().sleep(pauseMs);
    if (stop.aborted) return hand.drop(held.entry);
    run(held);
  }

  /** From the record before the run to the answer of its settlement: only then is it known that it did not kill. */
  async function runAlone(entry: string): Promise<void> {
    running = entry;
    await runApart(entry, true);
    running = undefined;
    await strike(entry);
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

  async function runApart(entry: string, onRecord: boolean): Promise<void> {
    const taken = await isolate(entry, onRecord);
    if (taken === undefined) return;
    if (taken.killed >= maxDeliveries) settle(runner.poison(taken.held, taken.killed));
    else await begin(taken.held);
    await hand.gone(entry);
  }

  const runInCompany = (entry: string): Promise<void> => runApart(entry, false);

  /** Where the process could not be emptied, a suspect runs among the others: nobody could tell who it was, so it does not count. */
  async function runAmongOthers(entry: string): Promise<void> {
    const taken = await isolate(entry, false);
    if (taken === undefined) return;
    if (taken.killed >= maxDeliveries) settle(runner.poison(taken.held, taken.killed));
    else {
      hand.drop(entry);
      hand.take([taken.held], "front");
    }
    took();
  }

  async function runAll(): Promise<number> {
    while (!stop.aborted && mayStart() && hand.waiting < concurrency) {
      const suspects = shuffled((await steps.suspects()) ?? []);
      const [first] = suspects;
      if (first === undefined) break;
      // Most are innocent: those who are new to it are cleared together. Should their worker die, each runs alone the next time.
      const together = suspects.filter(({ isNew }) => isNew).slice(0, concurrency);
      const chosen = (together.length > 1 ? together : [first]).map(({ entry }) => entry);
      await company.alone(patienceMs, async (isAlone) => {
        if (stop.aborted) return;
        const runIt = !isAlone ? runAmongOthers : chosen.length === 1 ? runAlone : runInCompany;
        await Promise.all(chosen.map(runIt));
      });
    }
    return idleMs;
  }

  void repeat(runAll, { stop, bed, failed });

  return {
    wake: bed.wake,
    async absolve(but) {
      if (running !== undefined && !but.has(running)) await strike(running);
    },
  };
}
