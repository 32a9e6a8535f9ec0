/** How a consumer leaves the group in good order: what runs may finish within the grace, all else is handed back. */
import { insist, settledWithin, type Time } from "../std/clock.ts";
import type { InFlight } from "./in-flight.ts";
import type { ConsumerLife } from "./life.ts";
import type { Membership } from "./membership.ts";
import type { Quarantine } from "./poison/quarantine.ts";
import type { Runs } from "./runner.ts";

/** Who leaves. */
export interface Leaver {
  readonly membership: Membership;
  readonly life: ConsumerLife;
  readonly inFlight: InFlight;
  readonly runs: Runs;
  readonly quarantine: Pick<Quarantine, "absolve">;
  readonly time: Time;
}

/** For the last words to a broker that may be away. */
const lastWordsMs = 3000;

/**
 * Resolves when nothing is in flight: finished, or with what is left after the grace handed back or given up.
 * @param loops end once nothing new is taken
 * @returns false where a handler is stuck, and its process has to end: until it has, the lease keeps everybody else
 * from its job
 */
export async function leave(leaver: Leaver, graceMs: number, loops: readonly Promise<void>[]): Promise<boolean> {
  const { membership, life, inFlight, runs, time } = leaver;
  const endAt = time.nowMs() + graceMs;
  life.stopTaking();
  if (!life.beating.aborted) await settledWithin(membership.steps.unblock(), lastWordsMs, time);
  await settledWithin(Promise.all(loops), lastWordsMs, time);
  const unstarted = inFlight.close().map(({ entry }) => entry);
  if (unstarted.length > 0) await lastWords(leaver, () => membership.steps.release(membership.name, unstarted));
  await finish(leaver, endAt);
  if (runs.stuck.size > 0 && !life.beating.aborted) {
    await lastWords(leaver, () => releaseOthers(leaver));
    return false;
  }
  await lastWords(leaver, () => membership.steps.leave(membership.name));
  life.end();
  return true;
}

/** Handlers get the grace, then the signal, then no more of our time. */
async function finish({ life, inFlight, runs, quarantine, time }: Leaver, endAt: number): Promise<void> {
  const enough = new AbortController();
  const empty = async (): Promise<void> => {
    while (inFlight.size > runs.stuck.size && !enough.signal.aborted) {
      await runs.settled();
      if (inFlight.size > runs.stuck.size) await time.sleeper().sleep(10);
    }
  };
  const emptied = empty();
  if (await settledWithin(emptied, Math.max(endAt - time.nowMs(), 0), time)) return;
  life.interrupt("this worker is stopping and its grace period is over");
  await settledWithin(emptied, lastWordsMs, time);
  enough.abort();
  runs.giveUp();
  await quarantine.absolve(runs.stuck);
}

/** Said until it is heard, or there is no more time. */
async function lastWords({ membership, life, time }: Leaver, say: () => Promise<true | undefined>): Promise<void> {
  const until = time.nowMs() + lastWordsMs;
  const isOver = (): boolean => life.beating.aborted || time.nowMs() > until;
  await settledWithin(insist(say, isOver, membership.patience), lastWordsMs, time);
}

/** Hands back all but what is stuck. */
async function releaseOthers({ membership: { name, steps }, runs }: Leaver): Promise<true | undefined> {
  for (let from = "-"; ;) {
    const owned = await steps.owned(name, from);
    if (owned === undefined) return undefined;
    const others = owned.entries.filter((entry) => !runs.stuck.has(entry));
    if (others.length > 0 && (await steps.release(name, others)) === undefined) return undefined;
    const last = owned.entries.at(-1);
    if (owned.all || last === undefined) return true;
    from = `(${last}`;
  }
}
