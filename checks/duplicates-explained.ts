/**
 * At least once allows a job to run again only for a reason: someone who held it died, stood still or lost its link.
 * A process that had received a job without starting it leaves no record, and needs none: the next start is the first.
 */
import { z } from "zod";
import { causes as causesOf } from "../history/incidents.ts";
import { effectNames } from "../history/effects.ts";
import { outcomes, type Ledger, type LifeEvent } from "../history/ledger.ts";
import { elapsedNs, type Moment } from "../history/moments.ts";
import type { Check } from "./contract.ts";
import { fileFlaw, filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const admissible = [...effectNames, "stalled"] as const;
type Cause = (typeof admissible)[number];

const options = z.strictObject({
  causes: z
    .array(z.enum(admissible))
    .readonly()
    .describe(
      "what may make a job run again: hits on the process that held it, between its start there and its next start",
    ),
});

export const duplicatesExplained: Check<z.infer<typeof options>> = {
  about:
    "A job is started again only as a retry of a failed attempt, or because the process that held it was hit by a fault. At least once is no licence to run things twice for nothing.",
  needs: [],
  options,
  neutral: { causes: admissible },
  check(ledger, { causes }) {
    const found = findings(ledger);
    const causeOf: CauseOf = (incarnation, from, to) =>
      causesOf(ledger, incarnation, from, to)
        // A process that crashed is as gone as one that was killed.
        .map(({ cause }) => (cause === "crashed" ? "killed" : cause))
        .find((cause) => causes.includes(cause));
    const explained: Partial<Record<Cause, number>> = {};
    let extraStarts = 0;
    for (const { job, life } of ledger.exceptions()) {
      for (const extra of extraStartsOf(life)) {
        extraStarts++;
        const cause = explain(extra, causeOf);
        if (cause !== undefined) {
          explained[cause] = (explained[cause] ?? 0) + 1;
          continue;
        }
        const doubt = damaged(ledger, [extra.earlier.incarnation, extra.start.incarnation]);
        if (doubt !== undefined) found.unsure(doubt);
        else if (extra.settledBefore) {
          found.violation({
            kind: "startedAfterSettlement",
            job,
            what: () =>
              `Job ${job} was settled for good, and then started again as attempt ${extra.start.attempt}, though ${nothingHit(extra)}.`,
          });
        } else {
          found.violation({
            kind: "unexplained",
            job,
            what: () =>
              `Job ${job} was started again as attempt ${extra.start.attempt}, ${secondsBetween(extra)} after its start before, though ${nothingHit(extra)}.`,
          });
        }
      }
    }
    return found.verdict({
      exposed: startedJobs(ledger),
      counts: {
        extraStarts,
        ...Object.fromEntries(Object.entries(explained).map(([cause, count]) => [`after ${cause}`, count])),
      },
      missing: filesMissing(ledger, ["worker"]),
    });
  },
};

/** The first admissible cause that hit that process between the two times. */
type CauseOf = (incarnation: number, from: number, to: number) => Cause | undefined;

interface ExtraStart {
  readonly start: LifeEvent;
  /** The start that it repeats, or that should have been the last. */
  readonly earlier: LifeEvent;
  /** When the job could first be delivered for this attempt. */
  readonly availableAt: number;
  readonly settledBefore: boolean;
}

/** Starts that are neither the first nor the next attempt after a failed one; and all that follow a terminal settlement. */
function extraStartsOf(life: readonly LifeEvent[]): readonly ExtraStart[] {
  const extras: ExtraStart[] = [];
  const starts: LifeEvent[] = [];
  const failures: LifeEvent[] = [];
  let settledBefore = false;
  let availableAt = life[0]?.at ?? 0;
  for (const event of life) {
    if (event.kind === "accepted") settledBefore = true;
    else if (event.kind === "failed") {
      failures.push(event);
      availableAt = event.at;
    } else if (event.kind === "start") {
      const latest = starts.at(-1);
      const same = starts.findLast(({ attempt }) => attempt === event.attempt);
      if (latest !== undefined && (settledBefore || same !== undefined || !isRetry(event, latest, failures))) {
        extras.push({ start: event, earlier: settledBefore ? latest : (same ?? latest), availableAt, settledBefore });
      }
      starts.push(event);
    }
  }
  return extras;
}

/** The attempt before has failed; or the latest run has, where a system also counts attempts of which no start is seen. */
const isRetry = (start: LifeEvent, latest: LifeEvent, failures: readonly LifeEvent[]): boolean =>
  failures.some(
    ({ attempt, incarnation }) =>
      attempt === start.attempt - 1 ||
      (attempt < start.attempt && attempt === latest.attempt && incarnation === latest.incarnation),
  );

/**
 * A hit on the holder between its start and the next. Or the later starter had the job first: it received it, was hit,
 * lost it to the other, and went on with what it had; its delivery is not on record, but came after the job was available.
 */
const explain = ({ start, earlier, availableAt }: ExtraStart, causeOf: CauseOf): Cause | undefined =>
  causeOf(earlier.incarnation, earlier.at, start.at) ??
  (start.incarnation === earlier.incarnation
    ? undefined
    : causeOf(start.incarnation, Math.min(availableAt, earlier.at), earlier.at));

function damaged(ledger: Ledger, incarnations: readonly number[]): string | undefined {
  const file = ledger.integrity.incomplete.find(({ incarnation }) => incarnations.includes(incarnation));
  return file === undefined ? undefined : fileFlaw(file);
}

const nothingHit = ({ earlier }: ExtraStart): string => `nothing had hit process ${earlier.incarnation}, which held it`;

const secondsBetween = ({ earlier, start }: { readonly earlier: Moment; readonly start: Moment }): string =>
  `${(elapsedNs(earlier, start) / 1e9).toFixed(1)} s`;

function startedJobs({ columns: { starts, outcome } }: Ledger): number {
  let started = 0;
  for (let job = 0; job < starts.length; job++)
    if ((starts[job] ?? 0) > 0 && outcome[job] !== outcomes.notSent) started++;
  return started;
}
