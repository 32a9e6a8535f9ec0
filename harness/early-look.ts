/** One look at a run under way: which thresholds can no longer be held. */
import type { Ledger } from "../history/ledger.ts";
import type { Guarantee } from "../reports/contract.ts";
import { ledgerOf } from "./conclude.ts";
import { readDescription } from "./description.ts";
import type { MissedLine } from "./early.ts";
import type { RunDirectory } from "./run-directory.ts";
import { judgeAsked, type AskedThreshold } from "./thresholds.ts";
import type { Measures } from "../thresholds/subject.ts";

export function lookAt(directory: RunDirectory, measures: Measures): MissedLine["missed"] {
  const description = readDescription(directory);
  return missedSoFar(ledgerOf(directory, description), description.thresholds, measures);
}

export function missedSoFar(
  ledger: Ledger,
  asked: readonly AskedThreshold[],
  measures: Measures,
): MissedLine["missed"] {
  const soFar = asIfEnded(ledger);
  const isMissed = (one: Guarantee): boolean => one.verdict === "fail";
  return judgeAsked(
    soFar,
    asked.filter(({ endsRun }) => endsRun),
    measures,
  )
    .filter(isMissed)
    .map(({ name, threshold }) => ({ text: name, said: threshold?.said ?? "", atSeconds: soFar.phases.drainTo / 1e9 }));
}

/** What happened lately may not be on file yet: nothing is older than this for want of its end. */
const onFileWithinNs = 1e9;

/**
 * As if it had been ended a moment ago: what is to come counts as whatever would be best. No file is closed yet, which
 * says nothing: each has all that happened, a moment later.
 */
function asIfEnded(ledger: Ledger): Ledger {
  const drainTo = Math.max(0, ledger.phases.drainTo - onFileWithinNs);
  return {
    ...ledger,
    stopped: ledger.stopped ?? "it is under way",
    phases: { ...ledger.phases, drainTo, loadTo: Math.min(ledger.phases.loadTo, drainTo) },
    integrity: { ...ledger.integrity, journal: undefined, incomplete: [] },
  };
}
