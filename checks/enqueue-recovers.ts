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
    .describe(
      "from the end of a fault that kept a producer from the store, or its first enqueue after that, until one is acknowledged, ms",
    ),
});

export const enqueueRecovers: Check<z.infer<typeof options>> = {
  about:
    "Once a fault that kept producers from the store is over, enqueues are acknowledged again within the bound, without a restart of anything. A client that refuses everything from then on loses no job that it took, and takes none. Exposed are the enqueues after such a fault.",
  needs: [],
  options,
  neutral: { boundMs: 60_000 },
  universal: ({ recoveryMs }) => ({ boundMs: recoveryMs }),
  check(ledger, { boundMs }) {
    const found = findings(ledger);
    const returns = returnsOf(ledger);
    const sent = sentAfter(ledger, returns);
    const recoveredMs: number[] = [];
    const judged = sent.filter(({ first, attempts }) => first !== undefined && attempts > 0);
    const missing = filesMissing(ledger, ["producer"]);
    for (const { of, first = never, acknowledgedAt, attempts, job } of judged) {
      const since = first * tickNs;
      if (acknowledgedAt !== undefined) recoveredMs.push((acknowledgedAt * tickNs - since) / 1e6);
      const byNs = Math.min(
        acknowledgedAt === undefined ? Number.POSITIVE_INFINITY : acknowledgedAt * tickNs,
        of.until,
      );
      if (byNs - since <= boundMs * 1e6 || (acknowledgedAt === undefined && of.until - since <= boundMs * 1e6))
        continue;
      if (missing !== undefined) {
        found.unsure(missing);
        continue;
      }
      found.violation({
        kind: "notAccepted",
        job,
        at: since + boundMs * 1e6,
        what: () =>
          `After ${of.after.map(({ id }) => id).join(", ")} none of ${attempts} enqueues of producer ${of.slot} was acknowledged within ${(boundMs / 1000).toFixed(1)} s; ${acknowledgedAt === undefined ? "none ever was" : `the first was after ${((byNs - since) / 1e9).toFixed(1)} s`}.`,
      });
    }
    return found.verdict({
      exposed: judged.reduce((sum, { attempts }) => sum + attempts, 0),
      counts: { returns: judged.length, slowestMs: Math.round(Math.max(0, ...recoveredMs)), boundMs },
      missing,
    });
  },
};

/** They keep a producer from the store, and let go of it again. */
const keepingAway: ReadonlySet<Effect> = new Set(["cut-off", "reply-lost", "store-away"]);

/** A producer has its store back, and nothing hits it until `until`. ns since origin. */
interface Return {
  readonly slot: number;
  readonly after: readonly Incident[];
  readonly from: number;
  readonly until: number;
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
      returns.push({ slot, after: [hit], from: hit.to, until });
    }
    return returns;
  });
}

interface Sent {
  readonly of: Return;
  /** In ticks: the first enqueue after the return. */
  first: number | undefined;
  /** Until one of them was acknowledged. */
  attempts: number;
  acknowledgedAt: number | undefined;
  /** The first that was not. */
  job: number | undefined;
}

function sentAfter({ columns, run }: Ledger, returns: readonly Return[]): readonly Sent[] {
  const { sentAt, answeredAt, outcome } = columns;
  const all = returns.map((of): Sent => ({
    of,
    first: undefined,
    attempts: 0,
    acknowledgedAt: undefined,
    job: undefined,
  }));
  const bySlot = Map.groupBy(all, ({ of }) => of.slot);
  for (let job = 0; job < sentAt.length; job++) {
    const mine = bySlot.get(job % run.producers);
    const at = sentAt[job] ?? never;
    if (mine === undefined || at === never) continue;
    for (const sent of mine) {
      if (at * tickNs < sent.of.from || at * tickNs >= sent.of.until) continue;
      if (sent.first === undefined || at < sent.first) sent.first = at;
      if (outcome[job] === outcomes.ok) {
        const answered = answeredAt[job] ?? never;
        if (sent.acknowledgedAt === undefined || answered < sent.acknowledgedAt) sent.acknowledgedAt = answered;
      } else sent.job ??= job;
      sent.attempts++;
    }
  }
  return all;
}
