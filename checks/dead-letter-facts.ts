/** What a dead-letter entry says of attempts, times and workers, held against the life of its job. */
import { isClock } from "../history/resource.ts";
import { shownAt } from "../history/store-clock.ts";
import { never, tickNs, type Ledger, type LifeEvent } from "../history/ledger.ts";
import { killsItsWorker, places, settledAs, type DeadField } from "../history/record.ts";

export interface Letter {
  readonly place: LifeEvent;
  /** Left out where it says no such time. */
  readonly enqueued?: LifeEvent;
  /** Left out in records of earlier versions, which did not keep what it says. */
  readonly failed?: LifeEvent;
}

/** How often the scan found it in the dead-letter place. */
export const copiesIn = (life: readonly LifeEvent[]): number =>
  life.filter(({ kind, code }) => kind === "place" && (code & places.dead) !== 0).length;

/**
 * Clocks of two machines that are kept right agree by that; a system may take its times from its clients, or in whole
 * seconds.
 */
const clocksApartMs = 1000;

/** @param failed the record of when it says that the job failed, and who ran it */
export function contradicted(ledger: Ledger, job: number, letter: Letter, failed: LifeEvent): readonly DeadField[] {
  const life = ledger.life(job);
  const starts = life.filter(({ kind }) => kind === "start");
  // That it is dead without a run is told elsewhere.
  if (starts.length === 0) return [];
  const story: Story = {
    life,
    starts,
    failures: life.filter(({ kind }) => kind === "failed"),
    buried: life.filter(({ kind, code }) => kind === "accepted" && code === settledAs.dead),
    isKiller: ledger.columns.plannedFailures[job] === killsItsWorker,
    hasCopies: copiesIn(life) > 1 || life.filter(({ kind }) => kind === "accepted").length > 1,
  };
  const wrong: DeadField[] = [];
  if (!ranLast(story).has(failed.code)) wrong.push("worker");
  if (!attemptsFit(story, letter.place.attempt)) wrong.push("attempts");
  const sent = ledger.columns.sentAt[job] ?? never;
  if (sent === never || wasBent(ledger, sent * tickNs, letter.place.at)) return wrong;
  const sentAt = sent * tickNs;
  const isBetween = (said: LifeEvent | undefined, from: number, to: number): boolean =>
    said === undefined || isWithin(ledger, said.micros, from, to);
  if (!isBetween(letter.enqueued, sentAt, enqueuedBy(ledger, story, sentAt, letter.place.at))) wrong.push("enqueuedAt");
  if (!isBetween(failed, failedFrom(story), story.buried.at(-1)?.at ?? letter.place.at)) wrong.push("failedAt");
  return wrong;
}

interface Story {
  readonly life: readonly LifeEvent[];
  readonly starts: readonly LifeEvent[];
  readonly failures: readonly LifeEvent[];
  /** Settled as dead. */
  readonly buried: readonly LifeEvent[];
  readonly isKiller: boolean;
  /** Of which of two copies an entry speaks, nobody knows. */
  readonly hasCopies: boolean;
}

const highestFailed = (failures: readonly LifeEvent[]): number =>
  failures.reduce((highest, { attempt }) => Math.max(highest, attempt), 0);

/** Whoever may be named: who ran its last attempt, or settled it; where runs ended their process, who ran it at all. */
function ranLast({ starts, failures, buried, isKiller, hasCopies }: Story): ReadonlySet<number> {
  const last = highestFailed(failures);
  const isLast = (run: LifeEvent, index: number): boolean =>
    isKiller || hasCopies || index === starts.length - 1 || run.attempt === last;
  return new Set([...starts.filter(isLast), ...buried].map(({ incarnation }) => incarnation));
}

/** Failures alone count here, as their own numbers have it; what these should have been is told elsewhere. */
const attemptsFit = ({ failures, isKiller, hasCopies }: Story, stated: number): boolean =>
  isKiller ||
  failures.length === 0 ||
  (hasCopies ? failures.some(({ attempt }) => attempt === stated) : stated === highestFailed(failures));

/** At the latest when it was begun; a store that went away may have been sent it once more. */
function enqueuedBy({ incidents }: Ledger, { starts }: Story, sentAt: number, foundAt: number): number {
  const wasAway = incidents.some(({ effect, from, to }) => effect === "store-away" && from < foundAt && to > sentAt);
  return wasAway ? foundAt : (starts[0]?.at ?? foundAt);
}

function failedFrom({ starts, failures, isKiller, hasCopies }: Story): number {
  const last = highestFailed(failures);
  const from = failures.find(({ attempt }) => hasCopies || attempt === last) ?? starts[0];
  return (isKiller ? starts[0]?.at : from?.at) ?? 0;
}

/** A fault set somebody's clock wrong while the job was there: whose it took its times from, nobody knows. */
const wasBent = ({ incidents }: Ledger, from: number, to: number): boolean =>
  incidents.some((incident) => incident.touches.some(isClock) && incident.from < to && incident.to > from);

/** @param said ms since 1970 modulo 2^32. Where nobody asked the store for its time, anything fits. */
function isWithin({ storeClock }: Ledger, said: number, from: number, to: number): boolean {
  const [earliest, latest] = [shownAt(storeClock, from), shownAt(storeClock, to)];
  if (earliest === undefined || latest === undefined) return true;
  return since(said, earliest[0]) >= -clocksApartMs && since(said, latest[1]) <= clocksApartMs;
}

/** Both modulo 2^32 ms, which is 50 days. */
const since = (said: number, ms: number): number => Math.trunc(said - ms) | 0;
