/**
 * What an adapter never does in a whole run: answer an enqueue, begin a job, end its work. None of it is what the queue
 * did.
 */
import { readJournal, type Journal } from "../history/journal-file.ts";
import { eventually } from "../std/deadline.ts";
import { ForeignError } from "../std/entrusted.ts";
import type { Fleet } from "../fleet/supervisor.ts";
import type { Plan } from "./plan.ts";
import type { RunDirectory } from "./run-directory.ts";
import type { FaultsUnderWay } from "./trouble.ts";

/** All that is on file of them: in full, since a summary has no room. */
export const shortfallsIn = (directory: RunDirectory): readonly string[] => [
  ...new Set(
    readJournal(directory.journal).flatMap((line) => {
      if (line.type === "flaw") return [line.why];
      if (line.type === "stopped") return [`the run was stopped: ${line.why}`];
      return line.type === "scanned" && !line.finished && line.why !== undefined ? [line.why] : [];
    }),
  ),
];

/** Each puts it on file once, as far as anybody reads on; a grave one ends the run. */
export interface Flaws {
  readonly all: readonly string[];
  readonly tell: (why: string, isGrave?: boolean) => void;
}

const flawsMax = 20;

export function flawsIn(journal: Journal, end: (why: Error) => void): Flaws {
  const all: string[] = [];
  return {
    all,
    tell(why, isGrave = false) {
      if (isGrave) end(new ForeignError("junk", why));
      if (all.includes(why) || all.length === flawsMax) return;
      all.push(why);
      journal.write({ type: "flaw", why });
    },
  };
}

/** How long a process has that is asked to stop when the run is ended before its time. */
const hurryMs = 2000;

interface Crew {
  readonly fleet: Fleet;
  readonly flaws: Flaws;
}

/**
 * Resolves when all jobs are sent and answered, or that takes too long.
 * @returns how many were acknowledged before there was any fault
 */
export async function untilOffered(
  { system, seconds, limits }: Plan,
  { fleet, flaws }: Crew,
  faults: FaultsUnderWay,
  ended: AbortSignal,
): Promise<number> {
  let untroubled = 0;
  const isOver = (): boolean => {
    if (faults.past() + faults.inForce().length === 0) untroubled = fleet.counts().acknowledged;
    return fleet.producersDone() || ended.aborted;
  };
  const deadlineMs = seconds * 1000 + limits.deadlineMs;
  await eventually(isOver, { deadlineMs, awaited: "the producers to finish", everyMs: 50 }).catch(() => {
    const left = fleet.unanswered();
    if (left > 0) flaws.tell(`system "${system}": enqueue did not settle: ${left} jobs are without a receipt`);
  });
  return untroubled;
}

/** Jobs were there, nothing was wrong, and none was begun: whoever calls no handler shows nothing of a queue. */
export function nothingBegan({ system }: Plan, { fleet, flaws }: Crew, untroubled: number): ForeignError | undefined {
  const { started, acknowledged } = fleet.counts();
  if (started > 0 || untroubled === 0) return undefined;
  const [why] = [...fleet.failures(), ...flaws.all];
  const because = why === undefined ? "" : ` (${why})`;
  return new ForeignError(
    "unsettled",
    `system "${system}": work began none of ${acknowledged} acknowledged jobs${because}`,
  );
}

export async function stopFleet({ system, limits }: Plan, { fleet, flaws }: Crew, ended: AbortSignal): Promise<void> {
  const graceMs = ended.aborted ? hurryMs : limits.graceMs + limits.runMs;
  const killed = await killAfter(fleet, graceMs);
  if (killed.length > 0 && !ended.aborted)
    flaws.tell(
      `system "${system}": work did not end within ${Math.round(graceMs / 1000)} s of being asked to: worker ${killed.join(", ")} had to be killed`,
    );
}

/** @returns the workers that did not go by themselves */
export async function killAfter(fleet: Fleet, graceMs: number): Promise<readonly number[]> {
  const [workers] = await Promise.all([fleet.stop("worker", graceMs), fleet.stop("producer", graceMs)]);
  return workers;
}
