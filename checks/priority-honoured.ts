/**
 * While work of all priorities waits, starts are shared by the weights. Judged over seconds that leave no doubt; left
 * out is what makes a queue look wrong that is not:
 *
 *   work that waits may be in a worker's hands   only where each has more waiting than its weight gives it in a second
 *   a retry or a repeat may go before the rest   only first starts are counted
 *   what the dead held may go first, also what   no second around one in which any of it was started again
 *     they had not started, and of any priority
 *   a fault, or a worker that comes or goes      no second in which it is so, or around it
 *   whoever draws lots is unlucky at times       only so many starts that lots do this less than once in a million runs
 */
import { z } from "zod";
import type { Ledger } from "../history/ledger.ts";
import { classesOf, type PriorityClass } from "../history/priorities.ts";
import { recoveriesOf } from "../history/recoveries.ts";
import { dueTimes, isDisturbed, secondNs } from "../history/waiting.ts";
import type { Check } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({
  atLeast: z
    .number()
    .positive()
    .lt(1)
    .describe(
      "how much of its weight's share of the starts each priority gets at least, while work of all of them waits: 0.5 is half of it",
    ),
});

/** So many standard deviations below its share is a promise, where each start is drawn by lot. */
const deviations = 5;

export const priorityHonoured: Check<z.infer<typeof options>> = {
  about:
    "While work of all priorities waits, starts are shared by the weights: each priority gets at least so much of its weight's share. Judged over whole seconds without a fault in which every one of them has more waiting than is its own to get. Exposed are the starts while all of them had work waiting.",
  needs: [],
  options,
  neutral: { atLeast: 0.5 },
  check(ledger, { atLeast }) {
    const found = findings(ledger);
    const classes = classesOf(ledger, dueTimes(ledger));
    if (classes.length === 0) return found.verdict({ exposed: 0, counts: {}, missing: undefined });
    const { seconds, started } = contested(classes, calmSeconds(ledger));
    const all = started.reduce((sum, jobs) => sum + jobs, 0);
    const missing = filesMissing(ledger, ["worker", "producer"]);
    // Of n starts by lot a share has n times its share, give or take the root of that.
    const expectedLeast = (deviations / (1 - atLeast)) ** 2;
    const enough = classes.every(({ weightShare }) => weightShare * all >= expectedLeast);
    const counts: Record<string, number> = { contestedSeconds: seconds, startedMeanwhile: all };
    for (const [index, { name, weightShare }] of classes.entries()) {
      const got = started[index] ?? 0;
      counts[`started of ${name}`] = got;
      if (!enough || got >= atLeast * weightShare * all) continue;
      found.violation({
        kind: "shortchanged",
        job: undefined,
        doubt: missing,
        what: () =>
          `In ${seconds} s in which work of all priorities was waiting, ${got} of ${all} starts were of priority "${name}": ${percent(got / all)}, where ${percent(weightShare)} is its weight's share, of which ${ledger.run.system} promises at least ${percent(atLeast)}.`,
        weight: 1 - got / (weightShare * all),
      });
    }
    return found.verdict({ exposed: enough ? all : 0, counts, missing });
  },
};

/** How many seconds leave no doubt, and how many jobs of each priority were started in them. */
function contested(
  classes: readonly PriorityClass[],
  calm: Uint8Array,
): { readonly seconds: number; readonly started: readonly number[] } {
  const started = classes.map(() => 0);
  let seconds = 0;
  for (let second = 0; second < calm.length; second++) {
    const here = classes.map(({ firstStarts }) => firstStarts[second] ?? 0);
    const all = here.reduce((sum, jobs) => sum + jobs, 0);
    const waits = ({ waiting, weightShare }: PriorityClass): boolean =>
      (waiting[second] ?? 0) > 0 && (waiting[second] ?? 0) >= weightShare * all;
    if (calm[second] !== 1 || all === 0 || !classes.every(waits)) continue;
    seconds++;
    for (const [index, jobs] of here.entries()) started[index]! += jobs;
  }
  return { seconds, started };
}

/** By second, 1 where nothing but the queue decides what is started. */
function calmSeconds(ledger: Ledger): Uint8Array {
  const calm = Uint8Array.from(ledger.rates.started, (_, second) => (isDisturbed(ledger, second) ? 0 : 1));
  /** All seconds around it. */
  const blot = (from: number, to: number): void => {
    calm.fill(0, Math.max(0, Math.floor(from / secondNs - 1)), Math.max(0, Math.floor(to / secondNs + 2)));
  };
  for (const { incarnation, role, exitedAt, stalls } of ledger.incarnations) {
    if (role !== "worker") continue;
    for (const at of [ledger.readyAt.get(incarnation), exitedAt]) if (at !== undefined) blot(at, at);
    for (const { from, to } of stalls) blot(from, to);
  }
  for (const { recoveredAt } of recoveriesOf(ledger)) if (recoveredAt !== undefined) blot(recoveredAt, recoveredAt);
  return calm;
}

const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
