/**
 * An answer is a promise too: who enqueues hears that the job was taken. Owns the enqueue that is refused, answered as
 * unknown, or not answered, though nothing was wrong; those of a client that does not find back after a fault are
 * `enqueue-recovers`'.
 */
import { z } from "zod";
import { hitsOf } from "../history/hits.ts";
import { isAcknowledged, never, outcomes, tickNs, type Ledger } from "../history/ledger.ts";
import type { Check } from "./contract.ts";
import { enqueueRecoveryOf } from "./enqueue-recovers.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({
  share: z
    .number()
    .positive()
    .max(1)
    .describe(
      "of the enqueues that nothing hindered, how many are acknowledged at the least; below 1, one may always be lacking",
    ),
  withinMs: z.number().positive().describe("how long the acknowledgement may take"),
  refusals: z
    .enum(["counted", "free"])
    .default("counted")
    .describe(
      "whether a refusal counts against it; `free` for a queue that refuses by design, as beyond a depth limit",
    ),
});

/**
 * A client that waits for longer than this has given up: the same as is given to all else that is asked of an adapter.
 */
const patienceMs = 60_000;

export const enqueueAnswered: Check<z.infer<typeof options>> = {
  about:
    "While no fault hits a producer or the store, nor in the time after it in which clients may recover, enqueues are acknowledged: at least the claimed share, within the claimed time. A queue that says of each job that nobody knows what became of it loses none that it took, and is of no use. Exposed are the enqueues of such times.",
  needs: [],
  options,
  neutral: { share: 0.99, withinMs: patienceMs, refusals: "counted" },
  // A connection that breaks by itself, or a store that is busy for a moment, costs fewer than one in a hundred.
  universal: ({ recoveryMs }) => ({ share: 0.99, withinMs: Math.max(patienceMs, recoveryMs), refusals: "counted" }),
  check(ledger, { share, withinMs, refusals }) {
    const found = findings(ledger);
    const missing = filesMissing(ledger, ["producer"]);
    const { sentAt, answeredAt, outcome } = ledger.columns;
    const boundNs = withinMs * 1e6;
    const fateOf = undisturbed(ledger, boundNs);
    const counts = { acknowledged: 0, refused: 0, unknown: 0, tooLate: 0, unanswered: 0 };
    const lacking: number[] = [];
    let judged = 0;
    let broken = 0;
    for (let job = 0; job < sentAt.length; job++) {
      if (!fateOf(job)) continue;
      const fate = answerOf(outcome[job] ?? 0, ((answeredAt[job] ?? never) - (sentAt[job] ?? 0)) * tickNs > boundNs);
      if (fate === "refused" && refusals === "free") continue;
      judged++;
      counts[fate]++;
      if (fate === "acknowledged") continue;
      broken++;
      if (lacking.length < examplesMost) lacking.push(job);
    }
    const allowed = Math.ceil((1 - share) * judged - 1e-9);
    const [first] = lacking;
    if (broken > allowed && first !== undefined) {
      const last = Math.max(...lacking.slice(0, allowed + 1).map((job) => completeAt(ledger, job, boundNs)));
      const percent = ((100 * (judged - broken)) / judged).toFixed(1);
      found.violation({
        kind: "tooFew",
        job: first,
        // What an adapter does that its contract does not allow is answered for it: that nobody knows.
        doubt: missing ?? ledger.flaws[0],
        // With all that were lacking on hand it is known by when there were too many.
        at: allowed < lacking.length ? last : undefined,
        what: () =>
          `Of ${judged} enqueues that no fault hindered ${percent} % were acknowledged within ${withinMs / 1000} s (${counts.refused} refused, ${counts.unknown} unknown, ${counts.tooLate} later, ${counts.unanswered} without an answer), and ${share * 100} % are to be; job ${first} was the first that was not.`,
      });
    }
    return found.verdict({ exposed: judged, counts: { ...counts, allowed }, missing });
  },
};

/** Beyond that it is only counted. */
const examplesMost = 100_000;

type Answer = "acknowledged" | "refused" | "unknown" | "tooLate" | "unanswered";

function answerOf(outcome: number, isLate: boolean): Answer {
  if (isAcknowledged(outcome)) return isLate ? "tooLate" : "acknowledged";
  if (outcome === outcomes.refused) return "refused";
  return outcome === outcomes.unknown ? "unknown" : "unanswered";
}

function completeAt({ columns: { sentAt, answeredAt } }: Ledger, job: number, boundNs: number): number {
  const answered = answeredAt[job] ?? never;
  const sent = (sentAt[job] ?? never) * tickNs;
  return answered === never ? sent + boundNs : Math.min(answered * tickNs, sent + boundNs);
}

/**
 * Whether nothing was wrong from a job's sending to its answer, or to when it had to be there; not where the run was
 * over before.
 */
function undisturbed(ledger: Ledger, boundNs: number): (job: number) => boolean {
  const { columns, run, phases } = ledger;
  const { sentAt } = columns;
  const recovery = enqueueRecoveryOf(ledger);
  const recoveryMs = Math.max(run.bounds.recoveryMs, recovery.boundMs);
  const producers = Math.max(1, run.producers);
  const slots = Array.from({ length: producers }, (_, slot) => disturbedSeconds(ledger, slot, recoveryMs));
  const anyTold = ledger.incidents.length > 0;
  return (job) => {
    const sent = sentAt[job] ?? never;
    if (sent === never) return false;
    const slot = job % producers;
    const from = sent * tickNs;
    const to = completeAt(ledger, job, boundNs);
    const isOpen = columns.outcome[job] === outcomes.unanswered;
    if (isOpen && to > phases.drainTo) return false;
    return slots[slot]?.(from, to) !== true && !(anyTold && recovery.tells(slot, from));
  };
}

const secondNs = 1e9;

/**
 * Whether any second between two moments (ns since origin) was one in which that producer was hit, or was to recover
 * from it.
 */
function disturbedSeconds(ledger: Ledger, slot: number, recoveryMs: number): (from: number, to: number) => boolean {
  const spans = ledger.incarnations
    .filter((one) => one.role === "producer" && one.slot === slot)
    .flatMap(({ incarnation }) =>
      hitsOf(ledger, incarnation).map(({ from, to }) => ({ from, to: to + recoveryMs * 1e6 })),
    );
  const end = Math.ceil(Math.max(0, ...spans.map(({ to }) => Math.min(to, ledger.phases.drainTo))) / secondNs) + 1;
  /** How many of the seconds before each were among them. */
  const before = new Uint32Array(end + 1);
  for (const { from, to } of spans)
    for (let second = Math.max(0, Math.floor(from / secondNs)); second < end && second <= to / secondNs; second++)
      before[second + 1] = 1;
  for (let second = 1; second < before.length; second++) before[second]! += before[second - 1] ?? 0;
  const at = (second: number): number => before[Math.min(Math.max(0, second), end)] ?? 0;
  return (from, to) => at(Math.floor(to / secondNs) + 1) > at(Math.floor(from / secondNs));
}
