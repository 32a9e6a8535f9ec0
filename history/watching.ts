/**
 * The time in which a lost job could have been found. Somebody has to watch its silent holder for a lease, and what follows
 * takes a store and a worker in touch with it that has a hand free: where there was none of these, no time passes for the
 * queue. A hit on anybody else adds nothing.
 *
 *   loss ──────┬ somebody in touch ── lease ──┬─── ( no store, no worker, no hand ) ───┬ next start
 *              └ not counted before           └ counted, but not what is in brackets ──┘
 */
import { withoutHands } from "./hands.ts";
import { hitsOf } from "./hits.ts";
import type { Ledger } from "./ledger.ts";
import { oncePer } from "../std/once.ts";

/** ns since origin. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Watching {
  /** What of the time between the two counts, ns. */
  counted(from: number, to: number): number;
  /** The last moment at which no more than so many ms have counted. */
  deadline(from: number, ms: number): number;
}

export const watchingOf = oncePer(watchingIn);

function watchingIn(ledger: Ledger): Watching {
  const away = ledger.incidents.filter(({ effect }) => effect === "store-away");
  const workers = inTouch(ledger);
  const without = union([...away, ...gapsBetween(union(workers)), ...withoutHands(ledger)]);
  const leaseNs = ledger.run.bounds.leaseMs * 1e6;
  const touched = ledger.run.bounds.watchedBy === "store" ? gapsBetween(union(away)) : workers;
  const watched = touched.filter(({ from, to }) => to - from >= leaseNs);
  /** When somebody had watched for a lease since then. */
  const watchedAt = (since: number): number => {
    let first = Number.POSITIVE_INFINITY;
    for (const { from, to } of watched) {
      const at = Math.max(since, from) + leaseNs;
      if (at <= to && at < first) first = at;
    }
    return first;
  };
  const withoutNs = (from: number, to: number): number =>
    without.reduce((sum, span) => sum + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)), 0);
  return {
    counted(from, to) {
      if (to <= from) return 0;
      const at = watchedAt(from);
      if (to <= at) return Math.min(leaseNs, to - from - withoutNs(from, to));
      return leaseNs + to - at - withoutNs(at, to);
    },
    deadline(from, ms) {
      let at = watchedAt(from);
      let left = Math.max(0, ms * 1e6 - leaseNs);
      for (const span of without) {
        if (span.to <= at) continue;
        const there = Math.max(0, span.from - at);
        if (there >= left) break;
        left -= there;
        at = span.to;
      }
      return at + left;
    },
  };
}

/** When a worker was there, and nothing kept it from the store or from looking about, or made it slow in that. */
function inTouch(ledger: Ledger): readonly Span[] {
  return workers(ledger).flatMap(({ incarnation, from, to }) => {
    const hits = hitsOf(ledger, incarnation).filter(({ cause }) => cause !== "clock-bent");
    // Who is asked to stop looks after nothing but its own.
    const spans = hits.map((hit) => (hit.cause === "asked-to-stop" ? { from: hit.from, to } : hit));
    return gapsBetween(union(spans)).flatMap((gap) => clip(gap, from, to));
  });
}

const workers = ({ incarnations, readyAt }: Ledger): readonly (Span & { readonly incarnation: number })[] =>
  incarnations.flatMap(({ role, incarnation, exitedAt = Number.POSITIVE_INFINITY }) => {
    const from = role === "worker" ? readyAt.get(incarnation) : undefined;
    return from === undefined ? [] : [{ incarnation, from, to: exitedAt }];
  });

const clip = (span: Span, from: number, to: number): readonly Span[] => {
  const clipped = { from: Math.max(span.from, from), to: Math.min(span.to, to) };
  return clipped.to > clipped.from ? [clipped] : [];
};

/** In order, none touching another; those that end before they begin are empty. */
function union(spans: readonly Span[]): readonly Span[] {
  const joined: { from: number; to: number }[] = [];
  for (const { from, to } of spans.toSorted((a, b) => a.from - b.from)) {
    const last = joined.at(-1);
    if (to <= from) continue;
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to);
    else joined.push({ from, to });
  }
  return joined;
}

/** All time that these, which are in order, do not cover. */
function gapsBetween(spans: readonly Span[]): readonly Span[] {
  const begins = [Number.NEGATIVE_INFINITY, ...spans.map(({ to }) => to)];
  const ends = [...spans.map(({ from }) => from), Number.POSITIVE_INFINITY];
  return begins.flatMap((from, index) => clip({ from, to: ends[index] ?? from }, from, ends[index] ?? from));
}
