/**
 * The time in which a lost job could have been found. Somebody has to watch its silent holder for a lease, and what
 * follows takes a store and a worker in touch with it that has a hand free: where there was none of these, no time
 * passes for the queue. A hit on anybody else adds nothing.
 *
 *   loss ──────┬ somebody in touch ── lease ──┬─── ( no store, no worker, no hand ) ───┬ next start
 *              └ not counted before           └ counted, but not what is in brackets ──┘
 *
 * Where all who had watched for a lease are gone, those who come after them may have to begin anew.
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
  /** What of the time between the two counts, ns, where whoever comes later knows what those saw who are gone. */
  counted(from: number, to: number): number;
  /** The same where all who had watched for a lease are gone, and whoever comes later has to watch anew. */
  countedAnew(from: number, to: number): number;
  /** When somebody had watched for a lease who was silent since then, ns since origin. */
  watchedAt(since: number): number;
  /** The last moment at which no more than so many ms have counted anew. */
  deadline(from: number, ms: number): number;
}

export const watchingOf = oncePer(watchingIn);

function watchingIn(ledger: Ledger): Watching {
  const away = ledger.incidents.filter(({ effect }) => effect === "store-away");
  const workers = watchersOf(ledger);
  /** When something could have been started. */
  const able = gapsBetween(
    union([...away, ...gapsBetween(union(workers.flatMap((one) => one.inTouch))), ...withoutHands(ledger)]),
  );
  const leaseNs = ledger.run.bounds.leaseMs * 1e6;
  const watchers =
    ledger.run.bounds.watchedBy === "store"
      ? [{ inTouch: gapsBetween(union(away)), to: Number.POSITIVE_INFINITY }]
      : workers;

  const watchedSince = (since: number): Watched => {
    const spans = watchers.flatMap((own) => sinceLease(own, since, leaseNs));
    return {
      at: Math.min(...spans.map(({ from }) => from)),
      counts: union(spans).flatMap((span) => able.flatMap((one) => clip(one, span.from, span.to))),
    };
  };
  // Many are lost at the same moment.
  let asked = Number.NaN;
  let watched: Watched;
  const since = (from: number): Watched => {
    if (from !== asked) watched = watchedSince(from);
    asked = from;
    return watched;
  };

  const countedIn = (spans: (watched: Watched) => readonly Span[], from: number, to: number): number => {
    if (to <= from) return 0;
    const watched = since(from);
    return to <= watched.at
      ? Math.min(leaseNs, within(able, from, to))
      : leaseNs + within(spans(watched), watched.at, to);
  };
  return {
    counted: (from, to) => countedIn(() => able, from, to),
    countedAnew: (from, to) => countedIn(({ counts }) => counts, from, to),
    watchedAt: (from) => since(from).at,
    deadline(from, ms) {
      const { at, counts } = since(from);
      let left = Math.max(0, ms * 1e6 - leaseNs);
      if (left === 0) return at;
      for (const span of counts) {
        if (left <= span.to - span.from) return span.from + left;
        left -= span.to - span.from;
      }
      return Number.POSITIVE_INFINITY;
    },
  };
}

interface Watched {
  /** When the first had watched for a lease. */
  readonly at: number;
  /** When, from then on, somebody was there who had, and something could have been started. */
  readonly counts: readonly Span[];
}

/**
 * From when a watcher had been in touch for a lease, at a stretch, until it was gone; whoever comes after it has to
 * watch anew.
 */
function sinceLease({ inTouch, to }: Watcher, since: number, leaseNs: number): readonly Span[] {
  const stretch = inTouch.find((span) => Math.max(since, span.from) + leaseNs <= span.to);
  return stretch === undefined ? [] : [{ from: Math.max(since, stretch.from) + leaseNs, to }];
}

const within = (spans: readonly Span[], from: number, to: number): number =>
  spans.reduce((sum, span) => sum + Math.max(0, Math.min(span.to, to) - Math.max(span.from, from)), 0);

interface Watcher {
  /** When it was there, and nothing kept it from the store or from looking about, or made it slow in that. */
  readonly inTouch: readonly Span[];
  /** When it was gone. */
  readonly to: number;
}

const watchersOf = (ledger: Ledger): readonly Watcher[] =>
  ledger.incarnations.flatMap(({ role, incarnation, exitedAt: to = Number.POSITIVE_INFINITY }) => {
    const from = role === "worker" ? ledger.readyAt.get(incarnation) : undefined;
    if (from === undefined) return [];
    const hits = hitsOf(ledger, incarnation).filter(({ cause }) => cause !== "clock-bent");
    // Who is asked to stop looks after nothing but its own.
    const spans = hits.map((hit) => (hit.cause === "asked-to-stop" ? { from: hit.from, to } : hit));
    return [{ inTouch: gapsBetween(union(spans)).flatMap((gap) => clip(gap, from, to)), to }];
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
