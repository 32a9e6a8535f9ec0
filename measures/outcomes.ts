import { fates, fatesOf, isRepetition } from "../history/fates.ts";
import { never, outcomes as answers, ticksPerSecond } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { secondsFrom } from "./seconds.ts";

export const outcomes = {
  about:
    "What became of the jobs that were to be enqueued in each second: done, dead, refused at the enqueue, unanswered (and never seen again), or never ended, which is lost, left lying, or settled without a run. What was acknowledged as a repetition of another is none of these.",
  measure(ledger) {
    const { intendedAt, outcome } = ledger.columns;
    const seconds = ledger.rates.intended.length;
    const { of } = fatesOf(ledger);
    const none = (): number[] => Array.from({ length: seconds }, () => 0);
    const lines = { done: none(), dead: none(), refused: none(), unanswered: none(), "never ended": none() };
    const lineOf = (job: number): number[] => {
      if (of[job] === fates.done) return lines.done;
      if (of[job] === fates.dead) return lines.dead;
      if (of[job] !== fates.none) return lines["never ended"];
      return outcome[job] === answers.refused ? lines.refused : lines.unanswered;
    };
    for (let job = 0; job < intendedAt.length; job++) {
      const intended = intendedAt[job] ?? never;
      if (intended === never || outcome[job] === answers.notSent || isRepetition(ledger, job)) continue;
      const second = Math.floor(intended / ticksPerSecond);
      if (second < seconds) lineOf(job)[second]!++;
    }
    return { kind: "series", unit: "jobs/s", stacked: true, at: secondsFrom(seconds), lines };
  },
} satisfies Measure;
