/**
 * What the checks of repeated runs have in common: the causes that a system may plead, and what to say of a run without
 * one.
 */
import { z } from "zod";
import { outcomes, type Ledger } from "../history/ledger.ts";
import { elapsedNs, type Moment } from "../history/moments.ts";
import { causeNames, type CauseName } from "../history/hits.ts";
import type { ExtraStart } from "../history/repeats.ts";
import { fileFlaw, journalMissing } from "./evidence.ts";

export const admitted = z
  .array(z.enum(causeNames))
  .readonly()
  .describe(
    "what may make a job run again: hits on the process that held it, between its start there and its next start",
  );

/** Those that this run was held to. */
export function admittedIn({ run }: Ledger): readonly CauseName[] {
  const claimed = z.object({ causes: admitted }).safeParse(run.claims["duplicates-explained"]);
  return claimed.data?.causes ?? causeNames;
}

/** Why records of these processes, or what befell them, may be missing. */
export function damaged(ledger: Ledger, incarnations: readonly number[]): string | undefined {
  const journal = journalMissing(ledger);
  if (journal !== undefined) return journal;
  const file = ledger.integrity.incomplete.find(({ incarnation }) => incarnations.includes(incarnation));
  return file === undefined ? undefined : fileFlaw(file);
}

export const nothingHit = ({ earlier }: ExtraStart): string =>
  `nothing had hit process ${earlier.incarnation}, which held it`;

export const secondsBetween = (from: Moment, to: Moment): string => `${(elapsedNs(from, to) / 1e9).toFixed(1)} s`;

export function startedJobs({ columns: { starts, outcome } }: Ledger): number {
  let started = 0;
  for (let job = 0; job < starts.length; job++)
    if ((starts[job] ?? 0) > 0 && outcome[job] !== outcomes.notSent) started++;
  return started;
}
