/**
 * How many jobs a second this machine carries with this system and fleet: one short run without trouble in which all
 * jobs are due at once, timed from its own history. For stretching a long load until it fits.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { never, tickNs } from "../history/ledger.ts";
import type { Scenario } from "../scenarios/contract.ts";
import { ledgerOf } from "./conclude.ts";
import { messageOf } from "../std/user-error.ts";
import { planRun } from "./plan.ts";
import { run, StoppedEarly, type RunRequest, type RunTools } from "./run.ts";

const sampleJobs = 100_000;
/** Start-up and the last retries are no measure of the pace between. */
const [paceFrom, paceTo] = [0.2, 0.9];

/** Jobs a second at full pace: while the middle part of a sample that is due all at once was done. */
export async function measureCapacity(request: RunRequest, tools: RunTools, stop: AbortSignal): Promise<number> {
  const { plan, catalogues } = request;
  const scenario: Scenario = {
    ...plan.definition,
    load: { ...plan.load, curve: "steady" },
    trouble: [],
    exercises: [],
    thresholds: [],
  };
  const sample = await planRun(
    { ...plan, jobs: sampleJobs, seconds: 1, scenario: "capacity", without: [], thresholds: [] },
    { ...catalogues, scenarios: { capacity: scenario } },
  );
  const runs = await mkdtemp(join(tmpdir(), "whitewater-capacity-"));
  try {
    const { columns } = ledgerOf(await run({ ...request, plan: sample, runs }, tools, stop));
    if (stop.aborted) throw new StoppedEarly(`${messageOf(stop.reason)} while the capacity was measured`);
    const doneAt = columns.lastEndAt.filter((at) => at !== never).toSorted();
    const atShare = (share: number): number => doneAt[Math.floor(share * (doneAt.length - 1))] ?? 0;
    const seconds = ((atShare(paceTo) - atShare(paceFrom)) * tickNs) / 1e9;
    return (doneAt.length * (paceTo - paceFrom)) / seconds;
  } finally {
    await rm(runs, { recursive: true, force: true });
  }
}
