/**
 * What may excuse that a job was started again. An excuse needs a mechanism, a holder and a span: the one who had the
 * job was hit while it had it, and the start came when by the system's own terms the job could have been given away,
 * and had to be.
 *
 *   holder  start ──── hit ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─ ─
 *                       ├─ giveAwayMs ─┬─ excused here ──┐
 *                       └──────────────── recoveryMs ────┘ none after a death: being late is another's matter
 *
 * A silence shorter than `giveAwayMs`, its reconnection included, excuses nothing. What was settled for good is over,
 * unless the store may have forgotten it. Who had received the job before it fell silent may start it late
 * (`hadItFirst`).
 */
import { forgottenBy } from "./forgotten.ts";
import { disconnecting, hitsOf, ranBetween, silencesOf, wellFor, type CauseName, type Silence } from "./hits.ts";
import type { Ledger } from "./ledger.ts";
import type { Moment } from "./moments.ts";
import { heardBy } from "./settling.ts";
import { watchingOf } from "./watching.ts";

/** A job in somebody's hands. ns since origin. */
export interface Holding {
  /** Its start there. */
  readonly start: Moment;
  /** When the job could first be received for this attempt: a receipt itself is not on record. */
  readonly availableAt: number;
  /** When it was settled for good; undefined while it is not. */
  readonly settledAt: number | undefined;
  /** Who was told so, where that is known. */
  readonly settledBy?: number | undefined;
  /** Others had lost the job before: it may take the longer time. */
  readonly again: boolean;
}

/** All causes for which the job may have been started at that moment by that process, each once. */
export function excusesOf(ledger: Ledger, holding: Holding, repeat: Moment): readonly CauseName[] {
  return [...new Set([...lostByHolder(ledger, holding, repeat.at), ...hadItFirst(ledger, holding, repeat)])];
}

/** The causes for which the holder may have lost it, so that anybody may start it at that moment. */
export function lostByHolder(ledger: Ledger, holding: Holding, at: number): readonly CauseName[] {
  const { start, settledAt } = holding;
  if (settledAt !== undefined && settledAt <= at)
    return forgotten(ledger, settledAt, holding.settledBy, holding, at) ? ["store-away"] : [];
  const from = heldFrom(ledger, holding);
  const causes = new Set<CauseName>(lostInSilence(ledger, holding, at).map(mainCause));
  for (const hit of hitsOf(ledger, start.incarnation)) {
    if (hit.from > at || hit.to < from) continue;
    const until = deadline(ledger, hit.to, holding);
    if ((hit.cause === "slow" || hit.cause === "clock-bent") && at <= until) causes.add(hit.cause);
  }
  if (forgotten(ledger, start.at, undefined, holding, at)) causes.add("store-away");
  return [...causes];
}

/** The holder had it, started or not, when it fell silent, and was taken for gone. */
export const lostInSilence = (ledger: Ledger, holding: Holding, at: number): readonly Silence[] =>
  silencesWhile(ledger, holding, at, (silence) => isGivenAway(ledger, silence, holding, at));

/** @param isIt asked of it as it may have been for whoever received the job then */
const silencesWhile = (
  ledger: Ledger,
  holding: Holding,
  at: number,
  isIt: (silence: Silence) => boolean,
): readonly Silence[] =>
  silencesOf(ledger, holding.start.incarnation, at).filter(
    (silence) =>
      silence.over >= heldFrom(ledger, holding) &&
      silencesWith(ledger, silence, holding.start, holding.availableAt).some(
        (supposed) => supposed.receivedFrom <= holding.start.at && isIt(supposed),
      ),
  );

/**
 * The causes for which the holder has lost it, whenever it goes on: it was silent for long enough, was refused
 * afterwards, and nobody else began it meanwhile for whom it might have been. That the next one comes too late is not
 * that he takes it.
 */
export function provenLost(
  ledger: Ledger,
  holding: Holding,
  refusal: Moment | undefined,
  starts: readonly Moment[],
): readonly CauseName[] {
  if (refusal === undefined || holding.settledAt !== undefined) return [];
  const isBegunIn = (silence: Silence): boolean =>
    starts.some(
      ({ incarnation, at }) => incarnation !== holding.start.incarnation && at >= silence.from && at <= refusal.at,
    );
  const silences = silencesWhile(ledger, holding, refusal.at, (silence) => isTakenForGone(ledger, silence, refusal.at));
  return silences.filter((silence) => !isBegunIn(silence)).map(mainCause);
}

/**
 * The silence as it may have been for a process that received the job before it, or in answer to what it had asked for
 * before, and started it then: `readAheadMs` of its own time at the most for either. Who asks was heard, unless its
 * connections are being broken one by one.
 */
function silencesWith(ledger: Ledger, silence: Silence, start: Moment, availableAt: number): readonly Supposed[] {
  const readAheadNs = ledger.run.bounds.readAheadMs * 1e6;
  const askedAt = availableAt - readAheadNs;
  return silence.begins.flatMap(({ from, by, gradual }): readonly Supposed[] => {
    if (askedAt > by || ranBetween(ledger, start.incarnation, by, start.at) > 2 * readAheadNs) return [];
    const before = { ...silence, from: Math.max(from, askedAt), receivedFrom: Number.NEGATIVE_INFINITY };
    // Once all of them are broken nothing comes any more, whenever it was asked for.
    return gradual === undefined || availableAt > by
      ? [before]
      : [before, { ...silence, from: gradual.unheardSince, receivedFrom: gradual.ranFrom }];
  });
}

interface Supposed extends Silence {
  /** It cannot have received the job before. */
  readonly receivedFrom: number;
}

/**
 * Where a settlement is not told: when that holder had surely made it, since it had been well for as long as that
 * takes, and was heard with what it settled afterwards. Undefined where it was not, or had lost the job by then and may
 * have been refused.
 */
export function settledUntold(ledger: Ledger, holding: Holding, endedAt: number): number | undefined {
  const { incarnation } = holding.start;
  const wellAt = wellFor(ledger, incarnation, endedAt, ledger.run.bounds.settleMs);
  if (wellAt === undefined) return undefined;
  const at = Math.max(wellAt, heardBy(ledger, incarnation, endedAt));
  return at === Number.POSITIVE_INFINITY || lostInSilence(ledger, holding, at).length > 0 ? undefined : at;
}

/** What it started it may have read so long before, but not before it was there. */
const heldFrom = (ledger: Ledger, { start, availableAt }: Holding): number =>
  Math.min(start.at, Math.max(availableAt, start.at - ledger.run.bounds.readAheadMs * 1e6));

function isGivenAway(ledger: Ledger, silence: Silence, holding: Holding, at: number): boolean {
  if (!isTakenForGone(ledger, silence, at)) return false;
  if (silence.ended) return true;
  // From the last hit that it may have been: whoever loses replies has to come back before anybody hears that it lost
  // them.
  const lost = silence.hits.map(({ cause, begunBy, to }) => (cause === "reply-lost" ? to : begunBy));
  return at <= deadline(ledger, Math.max(...lost), holding);
}

export function isTakenForGone(ledger: Ledger, silence: Silence, at: number): boolean {
  const soonest = soonestGiveAway(ledger, silence);
  return at >= soonest && (silence.ended || silence.over >= soonest);
}

function soonestGiveAway({ run: { bounds } }: Ledger, { from, hits }: Silence): number {
  const left = bounds.handsBackOnDisconnect
    ? hits.find(({ cause, to }) => disconnecting.has(cause) && to >= from)?.from
    : undefined;
  return Math.min(from + bounds.giveAwayMs * 1e6, Math.max(from, left ?? Number.POSITIVE_INFINITY));
}

const deadline = (ledger: Ledger, from: number, { again }: Holding): number => {
  const { recoveryMs, againMs } = ledger.run.bounds;
  return watchingOf(ledger).deadline(from, again ? againMs : recoveryMs);
};

/** What ended it, if anything did; else what came last. */
const mainCause = ({ hits, ended }: Silence): CauseName =>
  ended ? "killed" : (hits.findLast(({ cause }) => cause !== "stalled")?.cause ?? "stalled");

/** The store may have forgotten what it had answered then, and has done it again since. */
function forgotten(
  ledger: Ledger,
  answeredAt: number,
  answered: number | undefined,
  holding: Holding,
  at: number,
): boolean {
  const incident = forgottenBy(ledger, answeredAt, answered);
  return incident !== undefined && at >= incident.from && at <= deadline(ledger, incident.to, holding);
}

/** What a process starts this soon after it came back, it may have received before. */
export const afterglowNs = 1e9;

/** It was silent until then, or just before, for so long that what it starts may be somebody else's. */
export const mayBeStale = (ledger: Ledger, { incarnation, at }: Moment): boolean =>
  silencesOf(ledger, incarnation, at).some((silence) => {
    const reconnectNs = ledger.run.bounds.reconnectMs * 1e6;
    // Its end comes after that, and so does the end of its connections that comes with it.
    const hits = silence.hits.filter(({ cause }) => cause !== "killed");
    const over = Math.max(...hits.map(({ to, cause }) => to + (disconnecting.has(cause) ? reconnectNs : 0)));
    const before = { ...silence, hits, over, ended: false };
    return at >= soonestGiveAway(ledger, before) && at <= over + afterglowNs && isTakenForGone(ledger, before, over);
  });

/** The later starter received the job first, fell silent, lost it to the holder, and went on with what it had. */
export function hadItFirst(ledger: Ledger, { start, availableAt }: Holding, repeat: Moment): readonly CauseName[] {
  if (repeat.incarnation === start.incarnation) return [];
  const lost = silencesOf(ledger, repeat.incarnation, repeat.at).find(
    (silence) =>
      repeat.at <= silence.over + afterglowNs &&
      silencesWith(ledger, silence, repeat, availableAt).some(
        (one) => start.at >= one.receivedFrom && start.at >= soonestGiveAway(ledger, one),
      ),
  );
  return lost === undefined ? [] : [mainCause(lost)];
}

/** An end is seen a moment later, and what it had in hand may be somebody else's by then. */
const seenLateNs = 500e6;

/** That process had been asked to stop, and was gone by then. */
export function leftOnRequest(
  { incidents, incarnations, run }: Ledger,
  { at: from, incarnation }: Moment,
  to: number,
): boolean {
  const exitedAt = incarnations.find((one) => one.incarnation === incarnation)?.exitedAt;
  const by = to + (run.bounds.handsBackOnDisconnect ? seenLateNs : 0);
  return (
    exitedAt !== undefined &&
    exitedAt >= from &&
    exitedAt <= by &&
    incidents.some(
      (asked) => asked.effect === "asked-to-stop" && asked.from <= to && asked.incarnations.includes(incarnation),
    )
  );
}
