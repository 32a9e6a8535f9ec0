/**
 * Starts and settlements beyond those that a job needs, as one partition: for each there is one check that owns it, so
 * that one bug turns one check red. This is the only place that decides whose it is.
 *
 *   A  start ─ hit ─ ─ ─ ─ ─ ─ ─ ─ end ─ accepted      by a stale owner, instead of B's: `fenced`
 *   B               start ─ ─ ─ ─ ─ ─ ─ ─ ─ end         nobody's: A was hit
 *
 *   A  start ─ ─ ─ ─ ─ end ─ accepted ─ ─ ─ ─          two verdicts on one job: `one-verdict`
 *   C             start ─ ─ ─ ─ end ─ accepted         with all that belongs to the second copy
 *
 *   A  start ─ ─ ─ ─ ─ ─ ─ end                         taken from someone who was well: `no-premature-reclaim`
 *   D         start                                    after A's failure, under A's number: `attempts-exact`
 *                                                      else, such as after A's end: `duplicates-explained`
 *
 * D's is the first also when A's run was over, but A's word was refused, or A had failed and its backoff had not
 * passed: then the job had been taken from A before.
 */
import {
  excusesOf,
  hadItFirst,
  leftOnRequest,
  lostByHolder,
  lostInSilence,
  provenLost,
  settledUntold,
  type Holding,
} from "./excuses.ts";
import type { CauseName } from "./hits.ts";
import type { Ledger, LifeEvent } from "./ledger.ts";

/** A start that is neither the first nor the next attempt after a failed one, or comes after the job was settled. */
export interface ExtraStart {
  readonly start: LifeEvent;
  /** The start that it repeats, or that should have been the last. */
  readonly earlier: LifeEvent;
  /** What had become of that run by then. */
  readonly earlierRun: "open" | "ended" | "failed";
  /** By another process, while the earlier one was at it, or before it could speak. */
  readonly taken: boolean;
  /** Its earlier holder's word was accepted; or it had ended its run, and been well for long enough to say so. */
  readonly settledBefore: boolean;
  /** All that excuses it (history/excuses.ts); empty where nothing does. */
  readonly causes: readonly CauseName[];
  /** The earlier holder had been asked to stop, and was gone: what it left behind is `graceful-stop`'s. */
  readonly left: boolean;
}

/** What an owner did with a job that had been taken from it, and that was carried out all the same. */
export interface Stale {
  /** Its settlement for good; or its failure, which brought about the next attempt beside a run that went well. */
  readonly deed: LifeEvent;
  readonly run: LifeEvent;
  /** The start of the one who had it by then. */
  readonly taker: LifeEvent;
}

export interface Repeats {
  readonly extras: readonly ExtraStart[];
  readonly stale: readonly Stale[];
  /** Accepted terminal settlements but those of stale owners; one that was told twice counts once. */
  readonly verdicts: readonly LifeEvent[];
}

/** The check that answers for it. */
export type Owner =
  | "nobody"
  | "fenced"
  | "one-verdict"
  | "attempts-exact"
  | "no-premature-reclaim"
  | "duplicates-explained";

/** @param admitted the causes that the system may plead */
export function ownerOf({ stale, verdicts }: Repeats, extra: ExtraStart, admitted: readonly CauseName[]): Owner {
  if (causeOf(extra, admitted) !== undefined) return "nobody";
  if (stale.length > 0) return "fenced";
  if (verdicts.length > 1) return "one-verdict";
  if (extra.settledBefore) return "duplicates-explained";
  if (extra.taken) return "no-premature-reclaim";
  return extra.earlierRun === "failed" ? "attempts-exact" : "duplicates-explained";
}

/** The first cause that excuses it. */
export const causeOf = ({ causes, left }: ExtraStart, admitted: readonly CauseName[]): CauseName | undefined =>
  causes.find((cause) => admitted.includes(cause)) ?? (left ? "asked-to-stop" : undefined);

/** Those of every job that has any. */
export function* repeatsOf(ledger: Ledger): Iterable<{ readonly job: number; readonly repeats: Repeats }> {
  const { starts, acceptedDone, acceptedDead } = ledger.columns;
  for (const { job, life } of ledger.exceptions()) {
    if ((starts[job] ?? 0) < 2 && (acceptedDone[job] ?? 0) + (acceptedDead[job] ?? 0) < 2) continue;
    const repeats = repeatsIn(ledger, life);
    if (repeats.extras.length > 0 || repeats.stale.length > 0 || repeats.verdicts.length > 1) yield { job, repeats };
  }
}

/** @param life of one job */
export function repeatsIn(ledger: Ledger, life: readonly LifeEvent[]): Repeats {
  const extras = extraStarts(ledger, life);
  const stale = staleDeeds(ledger, life, extras);
  return { extras, stale, verdicts: verdictsIn(life, stale) };
}

function extraStarts(ledger: Ledger, life: readonly LifeEvent[]): readonly ExtraStart[] {
  const extras: ExtraStart[] = [];
  const starts: LifeEvent[] = [];
  const failures: LifeEvent[] = [];
  let highest = 0;
  let accepted: LifeEvent | undefined;
  for (const [index, event] of life.entries()) {
    if (event.kind === "accepted") accepted ??= event;
    else if (event.kind === "failed") failures.push(event);
    else if (event.kind === "start") {
      const latest = starts.at(-1);
      const same = starts.findLast(({ attempt }) => attempt === event.attempt);
      const back = event.attempt < highest;
      const isOver = accepted !== undefined || back;
      if (latest !== undefined && (isOver || same !== undefined || !isRetry(event, latest, failures))) {
        const earlier = isOver ? latest : (same ?? latest);
        const over = overOf(life.slice(life.indexOf(earlier) + 1, index), earlier);
        const held: Holding = { ...unsettled(earlier, availableAt(life, earlier)), again: extras.length > 0 };
        const settledAt = accepted?.at ?? untoldSettlement(ledger, held, over, event);
        // That a failure is settled is told by nobody: to this run, the job is over all the same.
        const failedFor = over?.kind === "failed" ? settledBy(ledger, held, over, event) : undefined;
        const holding: Holding = { ...held, settledAt: settledAt ?? failedFor, settledBy: accepted?.incarnation };
        extras.push({
          start: event,
          earlier,
          earlierRun: over === undefined ? "open" : over.kind === "end" ? "ended" : "failed",
          taken:
            event.incarnation !== earlier.incarnation &&
            (over === undefined ||
              (over.kind === "end"
                ? refusalOf(life, earlier) !== undefined
                : event.at - over.at < ledger.run.backoffMs * 1e6 && event.attempt <= earlier.attempt)),
          settledBefore: settledAt !== undefined,
          causes: [
            ...new Set([
              ...excusesOf(ledger, holding, event),
              ...hadIt(ledger, life, starts, event),
              ...provenLost(ledger, holding, refusalOf(life.slice(0, index), earlier), starts),
            ]),
          ],
          left:
            holding.settledAt === undefined &&
            event.incarnation !== earlier.incarnation &&
            leftOnRequest(ledger, earlier, event.at),
        });
      }
      starts.push(event);
      highest = Math.max(highest, event.attempt);
    }
  }
  return extras;
}

/** Whoever started it before, for that attempt or a later one, may have had it from the one who goes on with it now. */
const hadIt = (
  ledger: Ledger,
  life: readonly LifeEvent[],
  before: readonly LifeEvent[],
  late: LifeEvent,
): readonly CauseName[] => {
  const available = life.find(({ kind, attempt }) => kind === "failed" && attempt === late.attempt - 1) ?? life[0];
  return before.flatMap((start) =>
    start.attempt < late.attempt ? [] : hadItFirst(ledger, unsettled(start, available?.at ?? start.at), late),
  );
};

/** When the job could first be delivered for that run's attempt: a delivery itself is not on record. */
const availableAt = (life: readonly LifeEvent[], run: LifeEvent): number =>
  life.slice(0, life.indexOf(run)).findLast(({ kind }) => kind === "failed")?.at ?? life[0]?.at ?? run.at;

/** The attempt before has failed; or the latest run has, where attempts of which no start is seen are counted, too. */
const isRetry = (start: LifeEvent, latest: LifeEvent, failures: readonly LifeEvent[]): boolean =>
  failures.some(
    ({ attempt, incarnation }) =>
      attempt === start.attempt - 1 ||
      (attempt < start.attempt && attempt === latest.attempt && incarnation === latest.incarnation),
  );

/**
 * The end or the failure of that run; undefined while it goes on.
 * @param since what followed the start
 */
const overOf = (since: readonly LifeEvent[], { incarnation, attempt }: LifeEvent): LifeEvent | undefined =>
  since.find(
    (event) =>
      (event.kind === "end" || event.kind === "failed") &&
      event.incarnation === incarnation &&
      event.attempt === attempt,
  );

const refusalOf = (life: readonly LifeEvent[], { at, incarnation, attempt }: LifeEvent): LifeEvent | undefined =>
  life.find(
    (event) =>
      event.kind === "settlementRefused" &&
      event.at >= at &&
      event.incarnation === incarnation &&
      event.attempt === attempt,
  );

/** Where settlements are not told: that holder had ended its run, and was well for as long as a settlement takes. */
function untoldSettlement(
  ledger: Ledger,
  held: Holding,
  over: LifeEvent | undefined,
  repeat: LifeEvent,
): number | undefined {
  return ledger.run.tellsSettlements || over?.kind !== "end" ? undefined : settledBy(ledger, held, over, repeat);
}

function settledBy(ledger: Ledger, held: Holding, over: LifeEvent, repeat: LifeEvent): number | undefined {
  const at = settledUntold(ledger, held, over.at);
  return at !== undefined && at <= repeat.at ? at : undefined;
}

/** In the hands of that run, which nobody had settled. */
const unsettled = (start: LifeEvent, availableAt: number): Holding => ({
  start,
  availableAt,
  settledAt: undefined,
  again: false,
});

/**
 * A settlement, or a failure, by someone from whom the job had been taken. That an answer came late proves nothing by
 * itself: but nobody can take, and start, what was settled before. Where the new owner's was accepted as well, there
 * may have been two copies: those are two verdicts.
 */
function staleDeeds(ledger: Ledger, life: readonly LifeEvent[], extras: readonly ExtraStart[]): readonly Stale[] {
  const found: Stale[] = [];
  for (const [index, deed] of life.entries()) {
    if (deed.kind !== "accepted" && deed.kind !== "failed") continue;
    const begun = life.findLastIndex(
      ({ kind, incarnation, attempt }, at) =>
        at < index && kind === "start" && incarnation === deed.incarnation && attempt === deed.attempt,
    );
    const run = life[begun];
    if (run === undefined) continue;
    const available = availableAt(life, run);
    const taker = life
      .slice(begun + 1, index)
      .find(
        (event) =>
          event.kind === "start" &&
          event.incarnation !== run.incarnation &&
          event.attempt >= run.attempt &&
          lostInSilence(ledger, unsettled(run, available), event.at).length > 0 &&
          hadItFirst(ledger, unsettled(run, available), event).length === 0,
      );
    if (taker === undefined) continue;
    const carriedOut =
      deed.kind === "accepted"
        ? !wasAccepted(life, run, taker)
        : !hadCopy(extras, taker) && broughtAboutNext(ledger, life, deed, taker);
    if (carriedOut) found.push({ deed, run, taker });
  }
  return found;
}

/** The new owner's word was, or that of those who had it after him. */
const wasAccepted = (life: readonly LifeEvent[], run: LifeEvent, taker: LifeEvent): boolean =>
  life.some(({ kind, at, incarnation }) => kind === "accepted" && at >= taker.at && incarnation !== run.incarnation);

/** It had been begun without any cause before: each of two copies has attempts of its own. */
const hadCopy = (extras: readonly ExtraStart[], { at }: LifeEvent): boolean =>
  extras.some(({ start, causes, left }) => start.at < at && causes.length === 0 && !left);

/** The next attempt began while the new owner, whom nothing had hit, was still at the one before. */
function broughtAboutNext(ledger: Ledger, life: readonly LifeEvent[], failed: LifeEvent, taker: LifeEvent): boolean {
  const from = life.indexOf(failed);
  const next = life.find(({ kind, attempt }, at) => at > from && kind === "start" && attempt === failed.attempt + 1);
  return (
    next !== undefined &&
    taker.attempt === failed.attempt &&
    overOf(life.slice(life.indexOf(taker) + 1, life.indexOf(next)), taker) === undefined &&
    lostByHolder(ledger, unsettled(taker, taker.at), next.at).length === 0
  );
}

function verdictsIn(life: readonly LifeEvent[], stale: readonly Stale[]): readonly LifeEvent[] {
  const verdicts: LifeEvent[] = [];
  let begunAnew: readonly number[] = [];
  for (const event of life) {
    if (event.kind === "start") begunAnew = [...begunAnew, event.incarnation];
    if (event.kind !== "accepted" || stale.some(({ deed }) => deed === event)) continue;
    const told = verdicts.some(
      ({ incarnation, attempt, code }) =>
        incarnation === event.incarnation &&
        attempt === event.attempt &&
        code === event.code &&
        !begunAnew.includes(incarnation),
    );
    if (!told) verdicts.push(event);
    begunAnew = begunAnew.filter((incarnation) => incarnation !== event.incarnation);
  }
  return verdicts;
}
