/**
 * While jobs of a priority are due and others are started, one of them is started now and then. Counted in whole
 * seconds: one in which nobody's job is started is no starvation, and is `progress`'s to judge. Jobs that never start
 * are for others to say.
 */
import { z } from "zod";
import type { Ledger } from "../history/ledger.ts";
import { classesOf, type PriorityClass } from "../history/priorities.ts";
import { dueTimes, secondNs } from "../history/waiting.ts";
import type { Check } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";
import { ableSeconds, longestWaiting } from "./standstill.ts";

const options = z.strictObject({
  boundMs: z
    .number()
    .positive()
    .describe(
      "how long no job of a priority may be started though some are due and others are started, ms: at least the recovery bound, since they may be in dead hands, and at least the longest run",
    ),
});

/**
 * By its weight, so many of its jobs would have been started meanwhile: with fewer, the turn of a small weight may just
 * not have come. Where a queue draws lots for each start, a stretch without any of so many comes once in 500 million.
 */
const turnsLeast = 20;

export const noStarvation: Check<z.infer<typeof options>> = {
  about:
    "As long as jobs of a priority are due, a worker is well and the store is there, some of them are started: there is no stretch longer than the bound in which only others are. What is less urgent may be late; that it is done never depends on there being nothing else to do. Exposed are jobs that had to wait.",
  needs: [],
  options,
  neutral: { boundMs: 60_000 },
  check(ledger, { boundMs }) {
    const found = findings(ledger);
    const classes = classesOf(ledger, dueTimes(ledger));
    if (classes.length === 0) return found.verdict({ exposed: 0, counts: {}, missing: undefined });
    const missing = filesMissing(ledger, ["worker", "producer"]);
    let longest = 0;
    for (const { of, stretch } of starvations(ledger, classes)) {
      const { from, to, length, others } = stretch;
      longest = Math.max(longest, length);
      if (length * 1000 <= boundMs) continue;
      found.violation({
        kind: "starved",
        job: longestWaiting(ledger, of.dueAt, from, to),
        at: to * secondNs,
        doubt: missing,
        what: () =>
          `Of priority "${of.name}" nothing was started between ${from} s and ${to} s, though ${of.waiting[to - 1] ?? 0} of its jobs were due at the end, while ${others} others were started.`,
        weight: length,
      });
    }
    return found.verdict({
      exposed: classes.reduce((sum, { waited }) => sum + waited, 0),
      counts: { longestStarvedSeconds: longest, boundMs },
      missing,
    });
  },
};

export interface Starvation {
  readonly of: PriorityClass;
  /** Of that priority, from 1. */
  readonly number: number;
  readonly stretch: Stretch;
}

/** Stretches long enough for the turn of that priority to have come. */
export function* starvations(
  ledger: Ledger,
  classes: readonly PriorityClass[] = classesOf(ledger, dueTimes(ledger)),
): Iterable<Starvation> {
  if (classes.length === 0) return;
  const able = ableSeconds(ledger, ledger.rates.started.length + 1);
  for (const [index, of] of classes.entries())
    for (const stretch of stretchesWithout(of, able, ledger.rates.started))
      if (stretch.others * of.weightShare >= turnsLeast) yield { of, number: index + 1, stretch };
}

interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Seconds of it in which others were started. */
  readonly length: number;
  /** So many were. */
  readonly others: number;
}

/** Seconds in which its jobs were due all through and none was started, one after the other. */
function* stretchesWithout(
  { waiting, firstStarts, laterStarts }: PriorityClass,
  able: Uint8Array,
  started: Uint32Array,
): Iterable<Stretch> {
  let from = 0;
  let length = 0;
  let others = 0;
  for (let second = 0; second <= waiting.length; second++) {
    const own = (firstStarts[second] ?? 0) + (laterStarts[second] ?? 0);
    if ((waiting[second] ?? 0) > 0 && able[second] === 1 && own === 0) {
      const meanwhile = started[second] ?? 0;
      others += meanwhile;
      if (meanwhile > 0) length++;
      continue;
    }
    if (length > 0) yield { from, to: second, length, others };
    from = second + 1;
    length = 0;
    others = 0;
  }
}
