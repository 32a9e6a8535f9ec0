/** All guarantees by name. Command choices, help, claims and reports derive from this literal. */
import { atLeastOnce } from "./at-least-once.ts";
import { attemptsExact } from "./attempts-exact.ts";
import { concurrencyLimit } from "./concurrency-limit.ts";
import type { Check } from "./contract.ts";
import { deduplicated } from "./deduplicated.ts";
import { deadLetterComplete } from "./dead-letter-complete.ts";
import { deadLetterExactlyOnce } from "./dead-letter-exactly-once.ts";
import { delayedNotEarly } from "./delayed-not-early.ts";
import { delayedOnTime } from "./delayed-on-time.ts";
import { drained } from "./drained.ts";
import { duplicatesExplained } from "./duplicates-explained.ts";
import { enqueueAnswered } from "./enqueue-answered.ts";
import { enqueueRecovers } from "./enqueue-recovers.ts";
import { enqueueUnhindered } from "./enqueue-unhindered.ts";
import { fenced } from "./fenced.ts";
import { gracefulStop } from "./graceful-stop.ts";
import { metricsTruthful } from "./metrics-truthful.ts";
import { noAckedLoss } from "./no-acked-loss.ts";
import { noPhantom } from "./no-phantom.ts";
import { noPrematureReclaim } from "./no-premature-reclaim.ts";
import { noStarvation } from "./no-starvation.ts";
import { oneVerdict } from "./one-verdict.ts";
import { poisonIsolated } from "./poison-isolated.ts";
import { priorityHonoured } from "./priority-honoured.ts";
import { progress } from "./progress.ts";
import { receiptsUnique } from "./receipts-unique.ts";
import { recoveryBound } from "./recovery-bound.ts";
import { retryNotEarly } from "./retry-not-early.ts";
import { retryOnTime } from "./retry-on-time.ts";
import { runValid } from "./run-valid.ts";
import { spread } from "./spread.ts";
import { startedOnTime } from "./started-on-time.ts";
import { settledAfterEnd } from "./settled-after-end.ts";
import { workersSurvive } from "./workers-survive.ts";

export const checks = {
  "no-acked-loss": noAckedLoss,
  "no-phantom": noPhantom,
  "at-least-once": atLeastOnce,
  "one-verdict": oneVerdict,
  fenced,
  "settled-after-end": settledAfterEnd,
  "no-premature-reclaim": noPrematureReclaim,
  "duplicates-explained": duplicatesExplained,
  "attempts-exact": attemptsExact,
  "retry-not-early": retryNotEarly,
  "delayed-not-early": delayedNotEarly,
  "started-on-time": startedOnTime,
  "retry-on-time": retryOnTime,
  "delayed-on-time": delayedOnTime,
  spread,
  "dead-letter-exactly-once": deadLetterExactlyOnce,
  "dead-letter-complete": deadLetterComplete,
  "poison-isolated": poisonIsolated,
  "recovery-bound": recoveryBound,
  "concurrency-limit": concurrencyLimit,
  progress,
  "no-starvation": noStarvation,
  "priority-honoured": priorityHonoured,
  "graceful-stop": gracefulStop,
  "enqueue-unhindered": enqueueUnhindered,
  drained,
  "enqueue-answered": enqueueAnswered,
  "enqueue-recovers": enqueueRecovers,
  "receipts-unique": receiptsUnique,
  deduplicated,
  "workers-survive": workersSurvive,
  "metrics-truthful": metricsTruthful,
  "run-valid": runValid,
} as const satisfies Record<string, Check>;

export type GuaranteeName = keyof typeof checks;

/** What a claim says beyond the guarantee's name: `Terms<"recovery-bound">` is `{ boundMs: number }`. */
export type Terms<Name extends GuaranteeName> = (typeof checks)[Name]["neutral"];
