/**
 * What a run could not have seen: of repeats without a cause, the share that its own faults would have excused; of
 * losses that go on too late, the share of the load's time in which its faults would have hidden that. Reckoned from
 * the very intervals by which repeats and recoveries are judged, at the moments of this run.
 */
import { lostByHolder, hadItFirst, settledUntold, type Holding } from "./excuses.ts";
import { never, tickNs, type Incarnation, type Ledger, type SampledStart } from "./ledger.ts";
import { nextRan } from "./hits.ts";
import { watchingOf } from "./watching.ts";

export interface BlindShare {
  /**
   * Of (job, moment) pairs: a repeat so long after a start, by the same worker, and by any other that was there.
   * Undefined where nothing was started.
   */
  readonly repeats: readonly {
    readonly afterSeconds: number;
    readonly bySame: number | undefined;
    readonly byAnother: number | undefined;
  }[];
  /** Of the load's time: a loss then, that goes on after so many times its bound. */
  readonly recoveries: readonly { readonly timesBound: number; readonly share: number }[];
}

const afterSeconds = [1, 5, 10] as const;
const timesBound = [1.5, 2] as const;
/** Enough for a tenth of a percent. */
const startsAsked = 4_000;
const stepNs = 100e6;

export const blindShareOf = (ledger: Ledger): BlindShare => ({
  repeats: repeatsUnseen(ledger),
  recoveries: timesBound.map((times) => ({ timesBound: times, share: lossesUnseen(ledger, times) })),
});

function repeatsUnseen(ledger: Ledger): BlindShare["repeats"] {
  const { columns, sampledStarts, phases } = ledger;
  const every = Math.max(1, Math.ceil(sampledStarts.length / startsAsked));
  // Who has more starts than one has them for a reason that is told elsewhere.
  const asked = sampledStarts.filter(({ job }, index) => index % every === 0 && columns.starts[job] === 1);
  const workers = ledger.incarnations.filter(({ role }) => role === "worker");
  return afterSeconds.map((after) => {
    const seen = { same: 0, sameExcused: 0, another: 0, anotherExcused: 0 };
    for (const start of asked) {
      const at = start.at + after * 1e9;
      if (at > phases.loadTo) continue;
      const holding = holdingOf(ledger, start);
      const lost = lostByHolder(ledger, holding, at).length > 0;
      for (const worker of workers) {
        if (!isThere(ledger, worker, at)) continue;
        const { incarnation } = worker;
        if (incarnation === start.incarnation) {
          seen.same++;
          if (lost) seen.sameExcused++;
        } else {
          seen.another++;
          if (lost || hadItFirst(ledger, holding, { at, incarnation }).length > 0) seen.anotherExcused++;
        }
      }
    }
    const share = (excused: number, of: number): number | undefined => (of === 0 ? undefined : excused / of);
    return {
      afterSeconds: after,
      bySame: share(seen.sameExcused, seen.same),
      byAnother: share(seen.anotherExcused, seen.another),
    };
  });
}

/** Who stands still then starts nothing. */
const isThere = (ledger: Ledger, { incarnation, exitedAt }: Incarnation, at: number): boolean =>
  (ledger.readyAt.get(incarnation) ?? Number.POSITIVE_INFINITY) <= at &&
  (exitedAt === undefined || exitedAt > at) &&
  nextRan(ledger, incarnation, at) === at;

function holdingOf(ledger: Ledger, start: SampledStart): Holding {
  const { sentAt, settledAt, lastEndAt } = ledger.columns;
  const ns = (ticks: number | undefined): number | undefined =>
    ticks === undefined || ticks === never ? undefined : ticks * tickNs;
  const endedAt = ns(lastEndAt[start.job]);
  const availableAt = ns(sentAt[start.job]) ?? start.at;
  const unsettled: Holding = { start, availableAt, settledAt: undefined, again: false };
  if (ledger.run.tellsSettlements)
    return { ...unsettled, settledAt: ns(settledAt[start.job]), settledBy: start.incarnation };
  return { ...unsettled, settledAt: endedAt === undefined ? undefined : settledUntold(ledger, unsettled, endedAt) };
}

function lossesUnseen(ledger: Ledger, times: number): number {
  const { counted } = watchingOf(ledger);
  const boundNs = ledger.run.bounds.recoveryMs * 1e6;
  const { loadTo, drainTo } = ledger.phases;
  let moments = 0;
  let unseen = 0;
  for (let at = 0; at < loadTo; at += stepNs) {
    const to = at + times * boundNs;
    // As long as a job is held, the drain goes on, and the workers with it.
    const beyond = Math.max(0, to - drainTo);
    moments++;
    if (counted(at, to - beyond) + beyond <= boundNs) unseen++;
  }
  return moments === 0 ? 0 : unseen / moments;
}
