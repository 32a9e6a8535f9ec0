/** Of the jobs under one caller's key one is written: owns the second, and the receipt that names what is nowhere. */
import { z } from "zod";
import { isAcknowledged, never, outcomes, tickNs, type Ledger } from "../history/ledger.ts";
import type { Check } from "./contract.ts";
import { forgettable } from "./durability.ts";
import { filesMissing, scanMissing } from "./evidence.ts";
import { findings, type Findings } from "./findings.ts";

const options = z.strictObject({});

export const deduplicated: Check<z.infer<typeof options>> = {
  about:
    "Of the jobs that are enqueued under one caller's key within the deduplication window exactly one is written, whoever sends them and whatever became of the first: the others are answered with its id, and never run. So a caller who was not answered, or died, may send again. What a store that crashed may have forgotten, as its durability profile allows, is unknown. Exposed are the repetitions that came within the window.",
  needs: [],
  options,
  neutral: {},
  check(ledger) {
    const found = findings(ledger);
    const { outcome } = ledger.columns;
    const counts = { repetitions: 0, duplicates: 0, afterNoAnswer: 0 };
    let exposed = 0;
    for (const group of groupsOf(ledger)) {
      const [first = 0, ...repetitions] = group;
      const within = repetitions.filter((job) => isWithin(ledger, job, earliestOf(ledger, group)));
      exposed += within.length;
      counts.repetitions += repetitions.length;
      counts.duplicates += group.filter((job) => outcome[job] === outcomes.duplicate).length;
      if (!isAcknowledged(outcome[first])) counts.afterNoAnswer += within.length;
      judge(ledger, group, found);
    }
    return found.verdict({
      judged: counts.repetitions,
      exposed,
      counts,
      missing: filesMissing(ledger, ["producer", "worker"]) ?? scanMissing(ledger),
    });
  },
};

/** The jobs under each key that was used again, the first of them first. */
function groupsOf({ columns: { repeats, sentAt } }: Ledger): Iterable<readonly number[]> {
  const groups = new Map<number, number[]>();
  for (let job = 0; job < repeats.length; job++) {
    const first = repeats[job] ?? never;
    if (first === never || sentAt[job] === never) continue;
    const group = groups.get(first);
    if (group === undefined) groups.set(first, [first, job]);
    else group.push(job);
  }
  return groups.values();
}

/** Ticks by which its enqueue had been carried out, if it ever was; of one without an answer its first start tells. */
function knownBy({ columns: { outcome, answeredAt, firstStartAt } }: Ledger, job: number): number {
  const answered = isAcknowledged(outcome[job]) ? (answeredAt[job] ?? never) : never;
  return Math.min(answered, firstStartAt[job] ?? never);
}

/** The one that was sent first: the key was free before. */
const earliestOf = ({ columns: { sentAt } }: Ledger, [first = 0, ...rest]: readonly number[]): number =>
  rest.reduce((earliest, job) => ((sentAt[job] ?? never) < (sentAt[earliest] ?? never) ? job : earliest), first);

/** However long it was on its way, it came within a window after the other was sent. */
function isWithin(ledger: Ledger, job: number, other: number): boolean {
  const { deduplicationMs = 0 } = ledger.run.bounds;
  const known = knownBy(ledger, job);
  return known !== never && (known - (ledger.columns.sentAt[other] ?? 0)) * tickNs <= deduplicationMs * 1e6;
}

/** @param group of one key */
function judge(ledger: Ledger, group: readonly number[], found: Findings): void {
  const there = group.filter((job) => isThere(ledger, job));
  const written = there
    .filter((job) => wasTaken(ledger, job))
    .toSorted((a, b) => knownBy(ledger, a) - knownBy(ledger, b));
  const duplicates = group.filter((job) => ledger.columns.outcome[job] === outcomes.duplicate);
  const [one, ...more] = written;
  if (more.length > 0) judgeTwice(ledger, written, found);
  else if (one !== undefined) judgeId(ledger, one, duplicates, found);
  else if (there.length === 0 && duplicates[0] !== undefined) judgeNowhere(ledger, duplicates[0], found);
}

function judgeTwice(ledger: Ledger, written: readonly number[], found: Findings): void {
  for (const [index, job] of written.entries()) {
    const before = written[index - 1];
    // Whichever of the two came first, the window of its key was not over.
    if (before === undefined || !isWithin(ledger, job, before) || !isWithin(ledger, before, job)) continue;
    found.violation({
      kind: "writtenTwice",
      job,
      at: knownBy(ledger, job) * tickNs,
      doubt: forgettable(ledger, knownBy(ledger, before) * tickNs),
      what: () =>
        `Jobs ${before} and ${job} were enqueued under one key, and both were written: ${told(ledger, before)}, and ${told(ledger, job)}.`,
    });
  }
}

function judgeId(ledger: Ledger, one: number, duplicates: readonly number[], found: Findings): void {
  const { outcome, told: ids } = ledger.columns;
  const stranger = duplicates.find((job) => ids[job] !== ids[one]);
  if (outcome[one] !== outcomes.ok || stranger === undefined) return;
  found.violation({
    kind: "otherId",
    job: stranger,
    at: knownBy(ledger, stranger) * tickNs,
    what: () =>
      `Job ${stranger} was answered as one that was there before, and not by the id of job ${one}, which was written under its key.`,
  });
}

function judgeNowhere(ledger: Ledger, job: number, found: Findings): void {
  found.violation({
    kind: "nowhere",
    job,
    doubt:
      filesMissing(ledger, ["producer", "worker"]) ??
      scanMissing(ledger) ??
      forgettable(ledger, knownBy(ledger, job) * tickNs),
    what: () =>
      `Job ${job} was answered as one that was there before, and no job under its key was ever acknowledged as itself, run or found.`,
  });
}

/** What was never sent, or refused, and is there is `no-phantom`'s. */
const wasTaken = ({ columns: { outcome } }: Ledger, job: number): boolean =>
  outcome[job] !== outcomes.notSent && outcome[job] !== outcomes.refused;

/** It was acknowledged as itself, or somebody saw it. */
function isThere({ columns }: Ledger, job: number): boolean {
  const { outcome, starts, place, acceptedDone, acceptedDead } = columns;
  const seen = (starts[job] ?? 0) + (place[job] ?? 0) + (acceptedDone[job] ?? 0) + (acceptedDead[job] ?? 0);
  return outcome[job] === outcomes.ok || seen > 0;
}

const told = ({ columns: { outcome, starts } }: Ledger, job: number): string =>
  `${job} was ${outcome[job] === outcomes.ok ? "acknowledged" : "not acknowledged"} as itself and ${(starts[job] ?? 0) > 0 ? "run" : "not run"}`;
