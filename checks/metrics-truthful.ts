/**
 * The depth that a system reports, held against the record: it can be no more than what had been sent and was not
 * settled when the question began, and no less than what had been accepted and cannot have been settled when the answer
 * came.
 */
import { z } from "zod";
import { fates, fatesOf, isRepetition } from "../history/fates.ts";
import { never, outcomes, tickNs, type DepthSample, type Ledger, type LifeEvent } from "../history/ledger.ts";
import type { Check } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({});

export const metricsTruthful: Check<z.infer<typeof options>> = {
  about:
    "The number of jobs that the system says it still has to do agrees with the record, as closely as the record can tell. Whoever scales workers or is woken by that number relies on it. Exposed are all jobs that it had to count.",
  needs: ["depth"],
  options,
  neutral: {},
  check(ledger) {
    const found = findings(ledger);
    const missing = filesMissing(ledger, ["producer", "worker", "harness"]);
    if (ledger.depths.length === 0) return found.verdict({ exposed: 0, counts: { answers: 0 }, missing });
    const bounds = depthBounds(ledger);
    // A sending that is not on file makes the upper bound too low; an end that is not makes the lower one too high.
    const blind = {
      tooMany: filesMissing(ledger, ["producer", "worker"]),
      tooFew: filesMissing(ledger, ["worker"]),
    };
    let widest = 0;
    for (const [index, sample] of ledger.depths.entries()) {
      const [most, least] = [bounds.most[index] ?? 0, bounds.least[index] ?? 0];
      widest = Math.max(widest, most - least);
      if (sample.depth >= least && sample.depth <= most) continue;
      const tooMany = sample.depth > most;
      found.violation({
        kind: tooMany ? "tooMany" : "tooFew",
        job: undefined,
        at: sample.to,
        doubt: tooMany ? blind.tooMany : blind.tooFew,
        what: () =>
          `At ${(sample.to / 1e9).toFixed(1)} s the system said that it had ${sample.depth} jobs to do; ${tooMany ? `at most ${most}` : `at least ${least}`} were there.`,
        weight: tooMany ? sample.depth - most : least - sample.depth,
      });
    }
    let accepted = 0;
    const { outcome } = ledger.columns;
    for (let job = 0; job < outcome.length; job++) if (outcome[job] === outcomes.ok) accepted++;
    return found.verdict({
      exposed: accepted,
      counts: { answers: ledger.depths.length, widestRange: widest },
      missing,
    });
  },
};

interface Bounds {
  /** By sample. */
  readonly most: Float64Array;
  readonly least: Float64Array;
}

function depthBounds(ledger: Ledger): Bounds {
  const { depths, columns } = ledger;
  const { outcome, sentAt, answeredAt, settledAt, acceptedDone, acceptedDead } = columns;
  const begun = depths.map(({ from }) => from / tickNs);
  const answered = depths.map(({ to }) => to / tickNs);
  const sent = counterAt(answered);
  const settled = counterAt(begun);
  const accepted = counterAt(begun);
  const gone = counterAt(answered);
  const goneAt = goneTimes(ledger);
  let copies = 0;
  for (let job = 0; job < outcome.length; job++) {
    // Columns round down: what counts as over by then is said one tick late.
    if (!isRepetition(ledger, job)) sent.add(sentAt[job] ?? never);
    settled.add((settledAt[job] ?? never) + 1);
    // What there was twice, and when, is `one-verdict`'s to say.
    copies += Math.max(0, (acceptedDone[job] ?? 0) + (acceptedDead[job] ?? 0) - 1);
    const away = goneAt(job);
    if (outcome[job] !== outcomes.ok || away === lost) continue;
    accepted.add((answeredAt[job] ?? never) + 1);
    gone.add(Math.max(away, answeredAt[job] ?? never));
  }
  const [sents, settleds, accepteds, gones] = [sent, settled, accepted, gone].map(({ sums }) => sums());
  return {
    most: Float64Array.from(depths, (_: DepthSample, n) => (sents?.[n] ?? 0) - (settleds?.[n] ?? 0) + copies),
    least: Float64Array.from(depths, (_: DepthSample, n) => Math.max(0, (accepteds?.[n] ?? 0) - (gones?.[n] ?? 0))),
  };
}

const lost = -1;
/** When the system let go of these, nobody knows. */
const untold: ReadonlySet<number> = new Set([fates.vanished, fates.changed, fates.settledWithoutRun]);

/**
 * In ticks, when a job may have left the system at the earliest; `lost` for what vanished at a time that nobody knows.
 * To be asked for each job, in ascending order.
 */
function goneTimes(ledger: Ledger): (job: number) => number {
  const { lastEndAt } = ledger.columns;
  const { of } = fatesOf(ledger);
  const exceptions = ledger.exceptions()[Symbol.iterator]();
  let next = exceptions.next();
  return (job) => {
    if (next.done === true || next.value.job !== job) return lastEndAt[job] ?? never;
    const { life } = next.value;
    next = exceptions.next();
    const vanished = untold.has(of[job] ?? fates.none);
    return vanished ? lost : firstChance(life, of[job] === fates.dead, ledger.run.attempts);
  };
}

/**
 * Its first end, or its last failure. One that was settled or is dead with neither ended its workers: it may be gone
 * from its last start on, since the verdict is on record only when the answer is there.
 */
function firstChance(life: readonly LifeEvent[], dead: boolean, attempts: number): number {
  let failures = 0;
  const over = life.find((event) => {
    if (event.kind === "failed") failures++;
    return (
      event.kind === "end" ||
      event.kind === "accepted" ||
      (event.kind === "failed" && (event.attempt >= attempts || failures >= attempts))
    );
  });
  const isSeen = ({ kind }: LifeEvent): boolean => kind === "failed" || kind === "start";
  const before = over === undefined ? life : life.slice(0, life.indexOf(over));
  const lastSeen = before.findLast(isSeen) ?? life[0];
  const first = over === undefined ? (dead ? lastSeen : undefined) : over.kind === "accepted" ? lastSeen : over;
  return first === undefined ? never : Math.max(0, Math.floor(first.at / tickNs));
}

/**
 * Counts, for each of some moments in ascending order, the times up to it. Times come nearly in order, so it looks
 * nearby first.
 */
function counterAt(moments: readonly number[]): { add(time: number): void; sums(): Float64Array } {
  const counts = new Float64Array(moments.length + 1);
  let at = 0;
  return {
    add(time) {
      while (at < moments.length && (moments[at] ?? 0) < time) at++;
      while (at > 0 && (moments[at - 1] ?? 0) >= time) at--;
      counts[at]!++;
    },
    sums() {
      let sum = 0;
      return counts.subarray(0, moments.length).map((count) => (sum += count));
    },
  };
}
