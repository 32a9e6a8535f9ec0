/** What befell each process, and for how long nobody heard of it: the spans from which excuses and recoveries are reckoned. */
import { effectNames } from "./effects.ts";
import type { Incarnation, Incident, Ledger } from "./ledger.ts";

/** What may take work out of someone's hands: the words for trouble, and a process that did not run for a while by itself. */
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
  /** It never came back. */
  readonly ended: boolean;
}

/** Nothing was heard of a process for at most this long before it is said to have ended by itself. */
const unheardNs = 500e6;

type World = Pick<Ledger, "incidents" | "incarnations" | "armedAt" | "run">;

/** A ledger never changes: what befell each of its processes is looked up once. */
const known = new WeakMap<object, ReadonlyMap<number, readonly Hit[]>>();

/** All that befell it, in order of their beginnings. */
export function hitsOf(ledger: World, incarnation: number): readonly Hit[] {
  let all = known.get(ledger);
  if (all === undefined) {
    all = new Map(ledger.incarnations.map((life) => [life.incarnation, hitsOn(ledger, life)]));
    known.set(ledger, all);
  }
  return all.get(incarnation) ?? [];
}

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
  for (const stall of life.stalls) hits.push({ cause: "stalled", begunBy: stall.from, incident: undefined, ...stall });
  if (life.exitedAt !== undefined && (life.end === "killed" || life.end === "crashed")) {
    const incident = own.findLast(({ effect, from }) => effect === "killed" && from <= exitedAt);
    const from = incident?.from ?? exitedAt - unheardNs;
    hits.push({ cause: "killed", from, begunBy: exitedAt, to: exitedAt, incident });
  }
  return hits.toSorted((a, b) => a.from - b.from);
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

/** Judged as it looked at that moment: what came after it excuses nothing that came before. */
export function silencesOf(ledger: World, incarnation: number, until: number): readonly Silence[] {
  const reconnectNs = ledger.run.bounds.reconnectMs * 1e6;
  const silences: Silence[] = [];
  for (const hit of hitsOf(ledger, incarnation)) {
    if (!silencing.has(hit.cause) || hit.from > until) continue;
    const over = hit.to + (disconnecting.has(hit.cause) ? reconnectNs : 0);
    const ended = hit.cause === "killed";
    const last = silences.at(-1);
    if (last === undefined || hit.from > last.over) {
      silences.push({ from: hit.from, to: hit.to, over, hits: [hit], ended });
      continue;
    }
    silences[silences.length - 1] = {
      from: last.from,
      to: Math.max(last.to, hit.to),
      over: Math.max(last.over, over),
      hits: [...last.hits, hit],
      ended: last.ended || ended,
    };
  }
  return silences;
}

/**
 * From when on (ns since origin) it had been there and well for so long at a stretch, not before `from`; undefined where
 * that never was.
 */
export function wellFor(ledger: World, incarnation: number, from: number, ms: number): number | undefined {
  const life = ledger.incarnations.find((one) => one.incarnation === incarnation);
  let since = from;
  for (const hit of hitsOf(ledger, incarnation)) {
    if (hit.cause === "clock-bent" || hit.to < since) continue;
    if (hit.from - since >= ms * 1e6) break;
    since = Math.max(since, hit.to);
  }
  const at = since + ms * 1e6;
  return at <= (life?.exitedAt ?? Number.POSITIVE_INFINITY) ? at : undefined;
}
