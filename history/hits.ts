/**
 * What befell each process, and for how long nobody heard of it: the spans from which excuses and recoveries are
 * reckoned.
 */
import { effectNames } from "./effects.ts";
import type { Incarnation, Incident, Ledger } from "./ledger.ts";
import { hiccupNs } from "./record.ts";
import { oncePer } from "../std/once.ts";

/**
 * What may take work out of someone's hands: the words for trouble, and a process that did not run for a while by
 * itself.
 */
export const causeNames = [...effectNames, "stalled"] as const;
export type CauseName = (typeof causeNames)[number];

/** ns since origin. */
export interface Hit {
  /** One that crashed is as gone as one that was killed. */
  readonly cause: CauseName;
  /** The earliest moment at which it can have begun, and the latest. */
  readonly from: number;
  readonly begunBy: number;
  readonly to: number;
  /** Undefined where no fault of the schedule did it. */
  readonly incident: Incident | undefined;
}

/** Hits with no more than a reconnection between two of them: to all others the process is gone meanwhile. */
export interface Silence {
  readonly from: number;
  /** Without, and with the reconnection after it. */
  readonly to: number;
  readonly over: number;
  readonly hits: readonly Hit[];
  /**
   * When it may have been heard for the last time: before each hit, since the one before may have been over by then.
   */
  readonly begins: readonly Begin[];
  /** It never came back. */
  readonly ended: boolean;
}

/** Nothing was heard of a process for at most this long before it is said to have ended by itself. */
const unheardNs = 500e6;

type World = Pick<Ledger, "incidents" | "incarnations" | "hiccups" | "armedAt" | "run">;

const hitsByProcess = oncePer(
  (ledger: World): ReadonlyMap<number, readonly Hit[]> =>
    new Map(ledger.incarnations.map((life) => [life.incarnation, hitsOn(ledger, life)])),
);

/** All that befell it, in order of their beginnings. */
export const hitsOf = (ledger: World, incarnation: number): readonly Hit[] =>
  hitsByProcess(ledger).get(incarnation) ?? [];

function hitsOn({ incidents, armedAt }: World, life: Incarnation): readonly Hit[] {
  const own = incidents.filter(({ incarnations }) => incarnations.includes(life.incarnation));
  const exitedAt = life.exitedAt ?? Number.POSITIVE_INFINITY;
  const hits: Hit[] = own
    .filter(({ effect, from }) => effect !== "killed" && from <= exitedAt)
    .map((incident) => ({
      cause: incident.effect,
      from: incident.from,
      begunBy: armedAt.get(incident.id) ?? incident.to,
      to: incident.to,
      incident,
    }));
  for (const { from, to } of life.stalls)
    hits.push({ cause: "stalled", from, begunBy: Math.min(to, from + hiccupNs), to, incident: undefined });
  if (life.exitedAt !== undefined && (life.end === "killed" || life.end === "crashed")) {
    const incident = own.findLast(({ effect, from }) => effect === "killed" && from <= exitedAt);
    const from = incident?.from ?? exitedAt - unheardNs;
    hits.push({ cause: "killed", from, begunBy: exitedAt, to: exitedAt, incident });
  }
  return hits.toSorted((a, b) => a.from - b.from);
}

interface Begin {
  readonly from: number;
  readonly by: number;
  /**
   * Its connections are broken one after the other, over some time, from the first moment at which it ran: it may
   * receive something over one, and be unheard over another since then.
   */
  readonly gradual: { readonly ranFrom: number; readonly unheardSince: number } | undefined;
}

/** Nobody hears of whom these hit. */
const silencing: ReadonlySet<CauseName> = new Set([
  "killed",
  "paused",
  "stalled",
  "cut-off",
  "reply-lost",
  "store-away",
]);
/** Its connections end. */
export const disconnecting: ReadonlySet<CauseName> = new Set(["killed", "cut-off", "reply-lost", "store-away"]);

/** Its last tick before it was hit, or the earliest moment at which that was: from then on it may have stood still. */
function lastHeard({ hiccups }: World, incarnation: number, { cause, from }: Hit): number {
  if (cause === "stalled") return from;
  const hiccup = hiccups.get(incarnation)?.find((gap) => gap.from <= from && gap.to >= from);
  return hiccup?.from ?? from - hiccupNs;
}

/** Judged as it looked at that moment: what came after it excuses nothing that came before. */
export function silencesOf(ledger: World, incarnation: number, until: number): readonly Silence[] {
  const reconnectNs = ledger.run.bounds.reconnectMs * 1e6;
  const silences: Silence[] = [];
  for (const hit of hitsOf(ledger, incarnation)) {
    if (!silencing.has(hit.cause) || hit.from > until) continue;
    const last = silences.at(-1);
    const from = lastHeard(ledger, incarnation, hit);
    const others = last?.hits.flatMap(({ to }, at) => (to > hit.from ? [last.begins[at]?.from ?? from] : [])) ?? [];
    const gradual = gradually(ledger, incarnation, hit, Math.min(from, ...others));
    const begin = { from, by: hit.begunBy, gradual };
    // Who goes on for no longer than a hiccup need not have been heard in between.
    const joins = last !== undefined && begin.from <= Math.max(last.over, last.to + hiccupNs);
    const hits = joins ? [...last.hits, hit] : [hit];
    const to = Math.max(hit.to, joins ? last.to : hit.to);
    // Whoever stands still meanwhile connects again afterwards.
    const over = to + (hits.some(({ cause }) => disconnecting.has(cause)) ? reconnectNs : 0);
    const ended = hit.cause === "killed" || (joins && last.ended);
    const begins = joins ? [...last.begins, begin] : [begin];
    if (joins) silences.pop();
    silences.push({ from: Math.min(joins ? last.from : begin.from, begin.from), to, over, hits, begins, ended });
  }
  return silences;
}

function gradually(
  ledger: World,
  incarnation: number,
  { cause, from, begunBy }: Hit,
  unheardSince: number,
): Begin["gradual"] {
  if (!disconnecting.has(cause) || cause === "killed") return undefined;
  const ranFrom = nextRan(ledger, incarnation, from);
  return begunBy - ranFrom > hiccupNs ? { ranFrom, unheardSince } : undefined;
}

const standing = ({ cause }: Hit): boolean => cause === "paused" || cause === "stalled";

/** The first moment from then on at which it did not stand still. */
export function nextRan(ledger: World, incarnation: number, from: number): number {
  let at = from;
  for (const hit of hitsOf(ledger, incarnation)) if (standing(hit) && hit.from <= at) at = Math.max(at, hit.to);
  return at;
}

/** Of the time between two moments, what it did not stand still; negative where the first is the later one. */
export function ranBetween(ledger: World, incarnation: number, from: number, to: number): number {
  let ran = to - from;
  let until = from;
  for (const hit of hitsOf(ledger, incarnation)) {
    if (!standing(hit)) continue;
    const stood = Math.max(hit.from, until);
    if (Math.min(hit.to, to) <= stood) continue;
    ran -= Math.min(hit.to, to) - stood;
    until = hit.to;
  }
  return ran;
}

/**
 * From when on (ns since origin) it had been there and well for so long at a stretch, not before `from`; undefined
 * where that never was.
 */
export function wellFor(ledger: World, incarnation: number, from: number, ms: number): number | undefined {
  const life = ledger.incarnations.find((one) => one.incarnation === incarnation);
  const slowed = hitsOf(ledger, incarnation).flatMap(({ cause, from, to }) =>
    silencing.has(cause) || cause === "clock-bent" ? [] : [{ from, over: to }],
  );
  const unwell = [...silencesOf(ledger, incarnation, Number.POSITIVE_INFINITY), ...slowed];
  let since = from;
  for (const one of unwell.toSorted((a, b) => a.from - b.from)) {
    if (one.over < since) continue;
    if (one.from - since >= ms * 1e6) break;
    since = Math.max(since, one.over);
  }
  const at = since + ms * 1e6;
  return at <= (life?.exitedAt ?? Number.POSITIVE_INFINITY) ? at : undefined;
}
