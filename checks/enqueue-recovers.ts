/** Who enqueues gets through again after a fault: owns the producer that is refused, or not answered, for ever. */
import { z } from "zod";
import type { Effect } from "../history/effects.ts";
import { isAcknowledged, never, tickNs, type Incident, type Ledger } from "../history/ledger.ts";
import { oncePer } from "../std/once.ts";
import type { Check } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({
  boundMs: z
    .number()
    .positive()
    .describe("for how long a producer that has its store back may enqueue without one being acknowledged, ms"),
});

export const enqueueRecovers: Check<z.infer<typeof options>> = {
  about:
    "Once a fault that kept producers from the store is over, enqueues are acknowledged again within the bound, and from then on, without a restart of anything. A client that refuses everything from then on loses no job that it took, and takes none. Exposed are the enqueues after such a fault, where it was seen whether they get through again: where the load ends before, nobody can know.",
  needs: [],
  options,
  neutral: { boundMs: 60_000 },
  universal: ({ recoveryMs }) => ({ boundMs: recoveryMs }),
  check(ledger, { boundMs }) {
    const found = findings(ledger);
    const judged = sentAfterReturns(ledger).filter(({ attempts }) => attempts > 0);
    const missing = filesMissing(ledger, ["producer"]);
    let longestNs = 0;
    let exposed = 0;
    for (const sent of judged) {
      const { of, worst } = sent;
      const stretch = longer(worst, stretchOf(sent));
      const isLate = stretch !== undefined && stretch.to - stretch.from > boundMs * 1e6;
      const away = isLate ? undefined : awayAtTheEnd(sent, boundMs * 1e6);
      if (away === undefined) exposed += sent.attempts;
      else if (of.isLast)
        found.unsure(
          `after ${of.after.id} none of ${away.attempts} enqueues of producer ${of.slot} was acknowledged, and they ended before the ${seconds(boundMs * 1e6)} that it may take`,
        );
      if (stretch === undefined) continue;
      const { from, to, job, attempts } = stretch;
      longestNs = Math.max(longestNs, to - from);
      if (!isLate) continue;
      found.violation({
        kind: "notAccepted",
        job,
        at: from + boundMs * 1e6,
        doubt: missing,
        weight: to - from,
        what: () =>
          `After ${of.after.id} none of ${attempts} enqueues of producer ${of.slot} was acknowledged from ${seconds(from)} to ${seconds(to)}; it may take ${seconds(boundMs * 1e6)}.`,
      });
    }
    return found.verdict({
      judged: judged.reduce((sum, { attempts }) => sum + attempts, 0),
      exposed,
      counts: { returns: judged.length, longestMs: Math.round(longestNs / 1e6), boundMs },
      missing,
    });
  },
};

export interface EnqueueRecovery {
  /** How long it may take after a fault, ms; 0 where nobody is held to that. */
  readonly boundMs: number;
  /** What became of that producer's enqueues at that moment (ns since origin) is told here: it took longer. */
  tells(slot: number, at: number): boolean;
}

export function enqueueRecoveryOf(ledger: Ledger): EnqueueRecovery {
  const boundMs = options.safeParse(ledger.run.claims["enqueue-recovers"]).data?.boundMs;
  if (boundMs === undefined) return { boundMs: 0, tells: () => false };
  const late = sentAfterReturns(ledger).flatMap((sent) =>
    [sent.worst, stretchOf(sent)].flatMap((stretch) =>
      stretch !== undefined && stretch.to - stretch.from > boundMs * 1e6 ? [{ slot: sent.of.slot, ...stretch }] : [],
    ),
  );
  return { boundMs, tells: (slot, at) => late.some((one) => one.slot === slot && at >= one.from && at <= one.to) };
}

const seconds = (ns: number): string => `${(ns / 1e9).toFixed(1)} s`;

/** They keep a producer from the store, and let go of it again. */
const keepingAway: ReadonlySet<Effect> = new Set(["cut-off", "reply-lost", "store-away"]);

/** A producer has its store back, and nothing hinders it until `until`, as a wrong clock does not. ns since origin. */
interface Return {
  readonly slot: number;
  readonly after: Incident;
  readonly from: number;
  readonly until: number;
  /** Whether nothing hits it any more. */
  readonly isLast: boolean;
}

function returnsOf(ledger: Ledger): readonly Return[] {
  const { incarnations, incidents, phases } = ledger;
  const slots = [...new Set(incarnations.filter(({ role }) => role === "producer").map(({ slot }) => slot))];
  return slots.flatMap((slot) => {
    const own = new Set(
      incarnations.flatMap((life) => (life.role === "producer" && life.slot === slot ? [life.incarnation] : [])),
    );
    // A wrong clock hinders nobody.
    const hits = incidents.filter(
      ({ effect, incarnations: hit }) => effect !== "clock-bent" && hit.some((incarnation) => own.has(incarnation)),
    );
    /** From then on nothing hits it, for a while. */
    const freeFrom = (at: number): number => {
      const other = hits.find(({ from, to }) => from < at && to > at);
      return other === undefined ? at : freeFrom(other.to);
    };
    const returns = new Map<number, Return>();
    for (const hit of hits) {
      if (!keepingAway.has(hit.effect)) continue;
      const from = freeFrom(hit.to);
      const next = hits.filter((other) => other.from >= from).map((other) => other.from);
      const until = Math.min(phases.drainTo, ...next);
      returns.set(from, { slot, after: hit, from, until, isLast: next.length === 0 });
    }
    return [...returns.values()];
  });
}

/**
 * From an enqueue to the next acknowledgement that arrived, of whichever enqueue; or to the last sign of one. ns since
 * origin.
 */
interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Its first. */
  readonly job: number;
  readonly attempts: number;
}

interface Sent {
  readonly of: Return;
  attempts: number;
  /** When the last of them was sent or answered; for ever where one never was. */
  lastSign: number;
  /** The longest that is over. */
  worst: Stretch | undefined;
  /** The one that goes on, and the acknowledgement that ends it. */
  open: { readonly from: number; readonly job: number; readonly acknowledged: number; attempts: number } | undefined;
}

const sentAfterReturns = oncePer((ledger: Ledger) => sentAfter(ledger, returnsOf(ledger)));

/** All enqueues of a producer are sent in the order of their jobs. */
function sentAfter(ledger: Ledger, returns: readonly Return[]): readonly Sent[] {
  const { columns, run } = ledger;
  const { sentAt, answeredAt } = columns;
  const all = returns.map((of): Sent => ({ of, attempts: 0, lastSign: 0, worst: undefined, open: undefined }));
  const bySlot = Map.groupBy(all, ({ of }) => of.slot);
  const nextAcknowledged = acknowledgements(ledger);
  for (let job = 0; job < sentAt.length; job++) {
    if (sentAt[job] === never) continue;
    const slot = job % run.producers;
    const at = (sentAt[job] ?? 0) * tickNs;
    const answered = answeredAt[job] ?? never;
    for (const sent of bySlot.get(slot) ?? []) {
      if (at < sent.of.from || at >= sent.of.until) continue;
      const acknowledged = nextAcknowledged(slot, at);
      sent.attempts++;
      sent.lastSign = Math.max(sent.lastSign, at, answered === never ? Number.POSITIVE_INFINITY : answered * tickNs);
      if (sent.open?.acknowledged === acknowledged) {
        sent.open.attempts++;
        continue;
      }
      sent.worst = longer(sent.worst, stretchOf(sent));
      sent.open = { from: at, job, acknowledged, attempts: 1 };
    }
  }
  return all;
}

/** What goes on, as far as it was seen. */
function stretchOf({ of, open, lastSign }: Sent): Stretch | undefined {
  if (open === undefined) return undefined;
  const to = Math.min(open.acknowledged > of.until ? lastSign : open.acknowledged, of.until);
  return { ...open, to: Math.max(open.from, to) };
}

/**
 * Until the enqueues ended it was not back: none was acknowledged, or none any more for a good part of the time that it
 * may take.
 */
function awayAtTheEnd(sent: Sent, boundNs: number): Stretch | undefined {
  const { of, open, worst } = sent;
  const last = stretchOf(sent);
  if (open === undefined || last === undefined || open.acknowledged <= of.until) return undefined;
  return worst === undefined || last.to - last.from > boundNs / 2 ? last : undefined;
}

const longer = (a: Stretch | undefined, b: Stretch | undefined): Stretch | undefined =>
  a === undefined || (b !== undefined && b.to - b.from > a.to - a.from) ? b : a;

/** How finely the arrival of acknowledgements is kept: a bound is seconds long. */
const grainNs = 2e7;

/**
 * For a producer's slot and a time: by when the next acknowledgement arrived there, never where none did. ns since
 * origin.
 */
function acknowledgements({ columns, run, phases }: Ledger): (slot: number, at: number) => number {
  const { answeredAt, outcome } = columns;
  const grains = Math.ceil(phases.drainTo / grainNs) + 1;
  const bySlot = Array.from({ length: run.producers }, () => new Float64Array(grains).fill(Number.POSITIVE_INFINITY));
  for (let job = 0; job < answeredAt.length; job++) {
    const at = answeredAt[job] ?? never;
    const grain = Math.floor((at * tickNs) / grainNs);
    if (at === never || !isAcknowledged(outcome[job]) || grain >= grains) continue;
    const slot = bySlot[job % run.producers];
    if (slot !== undefined) slot[grain] = Math.min(slot[grain] ?? 0, at * tickNs);
  }
  for (const slot of bySlot)
    for (let grain = grains - 2; grain >= 0; grain--) slot[grain] = Math.min(slot[grain] ?? 0, slot[grain + 1] ?? 0);
  return (slot, at) => Math.max(at, bySlot[slot]?.[Math.floor(at / grainNs)] ?? Number.POSITIVE_INFINITY);
}
