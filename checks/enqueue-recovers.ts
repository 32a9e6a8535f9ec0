/** Who enqueues gets through again after a fault: owns the producer that is refused, or not answered, for ever. */
import { z } from "zod";
import type { Effect } from "../history/effects.ts";
import { never, outcomes, tickNs, type Incident, type Ledger } from "../history/ledger.ts";
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
    const judged = sentAfter(ledger, returnsOf(ledger), boundMs * 1e6).filter(({ attempts }) => attempts > 0);
    const missing = filesMissing(ledger, ["producer"]);
    let longestNs = 0;
    let exposed = 0;
    for (const { of, attempts: asked, isBack, worst, open } of judged) {
      const stretch = longer(worst, open && { ...open, to: Math.min(open.to, of.until) });
      const isLate = stretch !== undefined && stretch.to - stretch.from > boundMs * 1e6;
      if (isBack || isLate) exposed += asked;
      else if (of.isLast)
        found.unsure(
          `after ${of.after.id} none of ${asked} enqueues of producer ${of.slot} was acknowledged, and they ended before the ${seconds(boundMs * 1e6)} that it may take`,
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
          `After ${of.after.id} none of ${attempts} enqueues of producer ${of.slot} was acknowledged in time from ${seconds(from)} to ${seconds(to)}; it may take ${seconds(boundMs * 1e6)}.`,
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

const seconds = (ns: number): string => `${(ns / 1e9).toFixed(1)} s`;

/** They keep a producer from the store, and let go of it again. */
const keepingAway: ReadonlySet<Effect> = new Set(["cut-off", "reply-lost", "store-away"]);

/** A producer has its store back, and nothing hits it until `until`. ns since origin. */
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
    const hits = incidents.filter(({ incarnations: hit }) => hit.some((incarnation) => own.has(incarnation)));
    const returns: Return[] = [];
    for (const hit of hits) {
      if (!keepingAway.has(hit.effect)) continue;
      // Another that began before this one was over ends later, and is looked at in its turn.
      if (hits.some((other) => other !== hit && other.from < hit.to && other.to > hit.to)) continue;
      const next = hits.filter(({ from }) => from >= hit.to).map(({ from }) => from);
      const until = Math.min(phases.drainTo, ...next);
      returns.push({ slot, after: hit, from: hit.to, until, isLast: next.length === 0 });
    }
    return returns;
  });
}

/** From the first enqueue that was not acknowledged in time to the next one that was. ns since origin. */
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
  /** One of them was acknowledged. */
  isBack: boolean;
  /** The longest that is over. */
  worst: Stretch | undefined;
  /** The one that goes on, to the last word on any of it. */
  open: Stretch | undefined;
}

/** All enqueues of a producer are sent in the order of their jobs. */
function sentAfter({ columns, run }: Ledger, returns: readonly Return[], boundNs: number): readonly Sent[] {
  const { sentAt, answeredAt, outcome } = columns;
  const all = returns.map((of): Sent => ({ of, attempts: 0, isBack: false, worst: undefined, open: undefined }));
  const bySlot = Map.groupBy(all, ({ of }) => of.slot);
  for (let job = 0; job < sentAt.length; job++) {
    const ticks = sentAt[job] ?? never;
    const at = ticks * tickNs;
    if (ticks === never) continue;
    const answered = answeredAt[job] ?? never;
    const to = answered === never ? Number.POSITIVE_INFINITY : answered * tickNs;
    const isThrough = outcome[job] === outcomes.ok && to - at <= boundNs;
    for (const sent of bySlot.get(job % run.producers) ?? []) {
      if (at < sent.of.from || at >= sent.of.until) continue;
      sent.attempts++;
      sent.isBack ||= isThrough;
      const { from, job: first, attempts } = sent.open ?? { from: at, job, attempts: 0 };
      if (!isThrough) sent.open = { from, to: Math.max(to, sent.open?.to ?? 0), job: first, attempts: attempts + 1 };
      else if (sent.open !== undefined) {
        sent.worst = longer(sent.worst, { ...sent.open, to: at });
        sent.open = undefined;
      }
    }
  }
  return all;
}

const longer = (a: Stretch | undefined, b: Stretch | undefined): Stretch | undefined =>
  a === undefined || (b !== undefined && b.to - b.from > a.to - a.from) ? b : a;
