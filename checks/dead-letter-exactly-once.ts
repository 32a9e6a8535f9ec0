/**
 * The dead-letter place holds each job that used up its attempts, once, and nothing else; dead excludes done. A job
 * that is dead of a failure too early is `attempts-exact`'s, and two copies of a job that came to two ends are
 * `one-verdict`'s.
 */
import { z } from "zod";
import { fates, fatesOf, lastRunFailed } from "../history/fates.ts";
import type { Ledger, LifeEvent } from "../history/ledger.ts";
import { alwaysFails, killsItsWorker, places } from "../history/record.ts";
import type { Check } from "./contract.ts";
import { copiesIn } from "./dead-letter-facts.ts";
import { filesMissing, lifeMissing, scanMissing } from "./evidence.ts";
import { findings, type Violation } from "./findings.ts";

const options = z.strictObject({
  poisonAfter: z
    .int()
    .min(1)
    .optional()
    .describe(
      "where a job that keeps killing its workers is dead too: after so many runs that started and did not come to an end",
    ),
});

export const deadLetterExactlyOnce: Check<z.infer<typeof options>> = {
  about:
    "A job that failed on its last attempt is in the dead-letter place exactly once; no other job is; and none is both dead and done. Only then can a person work through the dead letters and trust that this was all. Exposed are jobs that failed for good.",
  needs: [],
  options,
  neutral: {},
  check(ledger, { poisonAfter }) {
    const { of, counts } = fatesOf(ledger);
    const { place, acceptedDone, acceptedDead } = ledger.columns;
    const found = findings(ledger);
    const scan = scanMissing(ledger);
    let exhaustedJobs = 0;
    for (const { job, life } of ledger.exceptions()) {
      const fate = of[job];
      const dead = ((place[job] ?? 0) & places.dead) !== 0;
      const exhausted = isExhausted(life, ledger, job);
      if (exhausted) exhaustedJobs++;
      const copies = copiesIn(life);
      // Lost, left lying, settled or dead without a run: other checks own these.
      if ((fate !== fates.dead && fate !== fates.done) || (dead && life.every(({ kind }) => kind !== "start")))
        continue;
      const verdicts = (acceptedDone[job] ?? 0) + (acceptedDead[job] ?? 0);
      if (dead && copies > Math.max(1, verdicts))
        found.violation({
          kind: "copies",
          job,
          doubt: lifeMissing(ledger, job),
          what: () => `Job ${job} is in the dead-letter place ${copies} times.`,
          weight: copies,
        });
      const contradiction = dead
        ? whyNotDead(ledger, { job, life, exhausted, poisonAfter })
        : exhausted && notDead(ledger, job, scan);
      if (contradiction) found.violation(contradiction);
    }
    return found.verdict({
      exposed: exhaustedJobs,
      counts: { exhausted: exhaustedJobs, dead: counts.dead },
      missing: filesMissing(ledger, ["worker", "producer"]) ?? scan,
    });
  },
};

interface DeadJob {
  readonly job: number;
  readonly life: readonly LifeEvent[];
  readonly exhausted: boolean;
  readonly poisonAfter: number | undefined;
}

/** What speaks against a job that is in the dead-letter place. */
function whyNotDead(ledger: Ledger, { job, life, exhausted, poisonAfter }: DeadJob): Violation | undefined {
  const { acceptedDone, acceptedDead, ends, plannedFailures } = ledger.columns;
  const verdicts = (acceptedDone[job] ?? 0) + (acceptedDead[job] ?? 0);
  if ((acceptedDone[job] === 1 && verdicts === 1) || (!ledger.run.tellsSettlements && (ends[job] ?? 0) > 0))
    return {
      kind: "deadAndDone",
      job,
      what: () => `Job ${job} was settled as done and is in the dead-letter place as well.`,
    };
  const isPoison = poisonAfter !== undefined && unendedRuns(life) >= poisonAfter;
  if (exhausted || verdicts > 1 || plannedFailures[job] === killsItsWorker || lastRunFailed(life) || isPoison)
    return undefined;
  return {
    kind: "deadTooSoon",
    job,
    doubt: lifeMissing(ledger, job),
    what: () =>
      `Job ${job} is in the dead-letter place, but had not failed ${ledger.run.attempts} times: ${tally(life)}.`,
  };
}

const notDead = (ledger: Ledger, job: number, scan: string | undefined): Violation => ({
  kind: "exhaustedNotDead",
  job,
  doubt: scan ?? lifeMissing(ledger, job),
  what: () => `Job ${job} failed on its last attempt, but was settled as done and is not in the dead-letter place.`,
});

/**
 * It failed on its last attempt, and no run within its attempts came to an end (a stale owner may fail while the new
 * one succeeds). Or its script makes every attempt fail, and it failed as often as it had attempts, whatever their
 * numbers.
 */
function isExhausted(life: readonly LifeEvent[], { run, columns }: Ledger, job: number): boolean {
  const failures = life.filter(({ kind }) => kind === "failed");
  const planned = columns.plannedFailures[job] ?? 0;
  if ((planned === alwaysFails || planned >= run.attempts) && failures.length >= run.attempts) return true;
  const onLast = failures.some(({ attempt }) => attempt >= run.attempts);
  return onLast && life.every(({ kind, attempt }) => kind !== "end" || attempt > run.attempts);
}

const count = (life: readonly LifeEvent[], kind: LifeEvent["kind"]): number =>
  life.filter((event) => event.kind === kind).length;

const unendedRuns = (life: readonly LifeEvent[]): number =>
  count(life, "start") - count(life, "end") - count(life, "failed");

const tally = (life: readonly LifeEvent[]): string =>
  `${count(life, "start")} starts, ${count(life, "failed")} failures, ${count(life, "end")} ends`;
