/**
 * Whose a late start is. Each has one check that answers for it, so that one late job is one red line: the first row
 * below that fits. What the checks named "on time" have in common is here, too: what counts, and what of it is told of
 * by others.
 */
import { z } from "zod";
import type { Ledger } from "../history/ledger.ts";
import { lateTimesOf, type Lateness, type LateTimes } from "../history/lateness.ts";
import type { EachWait } from "../history/waits.ts";
import { secondNs } from "../history/waiting.ts";
import type { Verdict } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";
import { starvations } from "./no-starvation.ts";
import { standstills } from "./standstill.ts";
import { oncePer } from "../std/once.ts";

/** The printed catalogue has it from here. */
export const ownersOfLateness = [
  { late: "It was in somebody's hands, and a fault took it from there.", owner: "recovery-bound" },
  { late: "It had not been started when the run was over, and lay there still.", owner: "drained" },
  { late: "Nothing was started at all.", owner: "progress" },
  { late: "Nothing of its priority was started, and others were.", owner: "no-starvation" },
  { late: "It had failed, and its backoff was over.", owner: "retry-on-time" },
  { late: "Whoever started it had its hands full, and another had one free.", owner: "spread" },
  { late: "It had a delay, and that was over.", owner: "delayed-on-time" },
  { late: "Any other that a free hand could have taken.", owner: "started-on-time" },
  { late: "No hand was free, or a fault and its recovery explain it.", owner: "nobody" },
] as const;

/** Jobs are not started in the very order in which they come. */
const orderNs = secondNs;

/** What counts: `either` where it makes no difference whose hand was free. */
type Which = keyof Lateness | "either";

export interface LateKind {
  /** All waits; answers how many could not be judged. */
  readonly waits: (each: EachWait) => number;
  readonly which: Which;
  readonly boundMs: number;
  /** How much later than due a job may get into line. */
  readonly lookMs: number;
  /** What happened to that job, as the beginning of a sentence. */
  readonly what: (job: number) => string;
}

/** Now and then somebody's hands are full by chance; whoever has a queue in hand has them full all the time. */
const allTheTime = 0.9;

function countedOf(which: Which, { handFree, behindOthers }: Lateness): number {
  const all = handFree + behindOthers;
  return which === "either" || behindOthers >= allTheTime * all === (which === "behindOthers") ? all : 0;
}

const circumstances: Readonly<Record<Which, string>> = {
  either: "a worker was well and had a hand free",
  handFree: "a worker was well and had a hand free",
  behindOthers: "that one had its hands full, and another was well and had one free",
};

/** The verdict on waits that may be no later than the bound. */
export function judgeWaits(ledger: Ledger, { waits, which, boundMs, lookMs, what }: LateKind): Verdict {
  const found = findings(ledger);
  const times = timesOf(ledger);
  const { priority } = ledger.columns;
  const missing = filesMissing(ledger, ["worker", "producer"]);
  const order = orderNs + lookMs * 1e6;
  const isSeen = seenBySecond(times, boundMs, order);
  const figures = figuresOf();
  let judged = 0;
  let exposed = 0;
  let excused = 0;
  const unjudged = waits((job, due, soonest, startedAt, by) => {
    judged++;
    const most = times.most(due, startedAt);
    const late =
      most === 0
        ? 0
        : countedOf(which, times.of({ due, soonest, startedAt, by, orderNs: order, priority: priority[job] ?? 0 }));
    if (which === "behindOthers" ? late > 0 : isSeen(due)) exposed++;
    const lateMs = late / 1e6;
    figures.add(lateMs);
    if (lateMs <= boundMs) {
      if (most > boundMs * 1e6) excused++;
      return;
    }
    found.violation({
      kind: "late",
      job,
      doubt: missing,
      at: startedAt,
      what: () =>
        `${what(job)}, and started ${seconds(startedAt - due)} after that by process ${by}: for ${seconds(late)} of it ${circumstances[which]}, and ${ledger.run.system} may take ${seconds(boundMs * 1e6)}.`,
      weight: lateMs,
    });
  });
  return found.verdict({
    judged,
    exposed,
    counts: { judged, ...(unjudged > 0 && { unjudged }), excused, ...figures.said(), boundMs },
    missing,
  });
}

const seconds = (ns: number): string => `${(ns / 1e9).toFixed(1)} s`;

const timesOf = oncePer((ledger: Ledger): LateTimes => lateTimesOf(ledger, elsewhere(ledger)));

const bound = z.object({ boundMs: z.number() });
const boundOf = (ledger: Ledger, claim: string): number =>
  bound.safeParse(ledger.run.claims[claim]).data?.boundMs ?? Number.POSITIVE_INFINITY;

/** Seconds of standstills and of starvations that fail by their own checks, where these are in force. */
function elsewhere(ledger: Ledger): (priority: number, second: number) => boolean {
  const [still, starved] = [boundOf(ledger, "progress"), boundOf(ledger, "no-starvation")];
  const spans = [
    ...(still === Number.POSITIVE_INFINITY ? [] : standstills(ledger))
      .filter((one) => one.seconds * 1000 > still)
      .map(({ from, to }) => ({ from, to, priority: undefined })),
    ...(starved === Number.POSITIVE_INFINITY ? [] : [...starvations(ledger)])
      .filter(({ stretch }) => stretch.length * 1000 > starved)
      .map(({ number, stretch: { from, to } }) => ({ from, to, priority: number })),
  ];
  return (priority, second) =>
    spans.some(
      (span) => span.from <= second && second < span.to && (span.priority === undefined || span.priority === priority),
    );
}

/** Whether a job that is due then would have been found if it had been late by twice the bound. */
function seenBySecond(times: LateTimes, boundMs: number, order: number): (due: number) => boolean {
  const seen: (boolean | undefined)[] = [];
  const boundNs = boundMs * 1e6;
  return (due) => {
    const second = Math.max(0, Math.floor(due / secondNs));
    return (seen[second] ??= times.seen(second * secondNs, order + 2 * boundNs, order) > boundNs);
  };
}

/** So many ms are counted one by one, and what is later as that. */
const longestMs = 2 ** 17;

function figuresOf() {
  const counts = new Uint32Array(longestMs + 1);
  let all = 0;
  let maxMs = 0;
  const at = (share: number): number => {
    let left = Math.ceil(share * all);
    for (let ms = 0; ms < longestMs; ms++) if ((left -= counts[ms] ?? 0) <= 0) return ms;
    return Math.round(maxMs);
  };
  return {
    add(ms: number): void {
      counts[Math.min(longestMs, Math.round(ms))]!++;
      all++;
      maxMs = Math.max(maxMs, ms);
    },
    /** Nothing where nothing was judged. */
    said: () => (all === 0 ? {} : { p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), maxMs: Math.round(maxMs) }),
  };
}
