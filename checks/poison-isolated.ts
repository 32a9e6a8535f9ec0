/**
 * A job that takes its worker along, whenever it runs, must end among the dead after a few tries. What else may become
 * of it is for the owners of those fates to say, and for its neighbours there is `dead-letter-exactly-once`.
 */
import { z } from "zod";
import { mayBeStale } from "../history/excuses.ts";
import { inForce } from "../history/incidents.ts";
import { outcomes, type Ledger, type LifeEvent } from "../history/ledger.ts";
import { killsItsWorker, places } from "../history/record.ts";
import type { Check } from "./contract.ts";
import { filesMissing, scanMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({
  deliveries: z.int().min(1).describe("runs that take their worker along before such a job is dead, at most"),
  starts: z
    .int()
    .min(1)
    .optional()
    .describe(
      "and how often it is started at most, faults of the run aside: where several such jobs die together, nobody knows which of them it was, and yet each has to come to its end",
    ),
  fewest: z.int().min(1).optional().describe("and at least, where that is not the same number"),
});

export const poisonIsolated: Check<z.infer<typeof options>> = {
  about:
    "A job that ends its worker's process on every run is given up after a set number of runs, neither earlier nor later. One such job can otherwise take a whole fleet down, again and again. Exposed are the jobs that end their worker.",
  needs: [],
  options,
  neutral: { deliveries: 3 },
  check(ledger, { deliveries, starts: startsMax = Number.POSITIVE_INFINITY, fewest = deliveries }) {
    const found = findings(ledger);
    const { outcome, plannedFailures, place } = ledger.columns;
    const killers: { readonly job: number; readonly starts: readonly LifeEvent[] }[] = [];
    for (const { job, life } of ledger.exceptions()) {
      if (plannedFailures[job] === killsItsWorker)
        killers.push({ job, starts: life.filter(({ kind }) => kind === "start") });
    }
    const { guilty, unexplained } = guiltOf(ledger, killers);
    // Two of them in one process excuse each other: both must be known.
    const missing = filesMissing(ledger, ["worker", "producer"]);
    let exposed = 0;
    let kills = 0;
    for (const { job, starts } of killers) {
      if (outcome[job] === outcomes.ok) exposed++;
      const own = starts.filter(guilty).length;
      kills += own;
      const dead = ((place[job] ?? 0) & places.dead) !== 0;
      // Dead without a start is `at-least-once`'s.
      if (own > deliveries)
        found.violation({
          kind: "tooOften",
          job,
          doubt: missing,
          at: starts.filter(guilty)[deliveries]?.at,
          what: () =>
            `Job ${job} took ${own} processes along, ${starts.length} starts in all; after ${deliveries} it should have been dead.`,
          weight: own,
        });
      else if (starts.filter(unexplained).length > startsMax)
        found.violation({
          kind: "startedTooOften",
          job,
          doubt: missing,
          at: starts.filter(unexplained)[startsMax]?.at,
          what: () =>
            `Job ${job} was started ${starts.length} times, and each time its process was gone; after ${startsMax} starts it should have been dead.`,
          weight: starts.length,
        });
      else if (dead && starts.length > 0 && starts.length < fewest) {
        found.violation({
          kind: "tooSoon",
          job,
          doubt: missing,
          what: () => `Job ${job} is dead after ${starts.length} starts; it was to be tried ${fewest} times.`,
        });
      }
    }
    return found.verdict({
      exposed,
      counts: { killers: killers.length, kills },
      missing: missing ?? scanMissing(ledger),
    });
  },
};

interface Guilt {
  /** That start was surely what ended its process: no fault was in force there, and it held no other such job. */
  guilty(start: LifeEvent): boolean;
  /** Its process ended without a fault, and had the job. */
  unexplained(start: LifeEvent): boolean;
}

function guiltOf(ledger: Ledger, killers: readonly { readonly starts: readonly LifeEvent[] }[]): Guilt {
  const { incarnations, incidents } = ledger;
  const held = new Map<number, number>();
  for (const { starts } of killers)
    for (const { incarnation } of starts) held.set(incarnation, (held.get(incarnation) ?? 0) + 1);
  const unexplained = ({ incarnation, at }: LifeEvent): boolean => {
    const process = incarnations.find((one) => one.incarnation === incarnation);
    if (process?.exitedAt === undefined || process.end === "closed") return false;
    // Who had lost the job ends by it as well, and no queue can count that.
    if (mayBeStale(ledger, { incarnation, at })) return false;
    return inForce(incidents, incarnation, at, process.exitedAt).length === 0;
  };
  return { unexplained, guilty: (start) => held.get(start.incarnation) === 1 && unexplained(start) };
}
