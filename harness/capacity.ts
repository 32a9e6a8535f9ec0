/**
 * How many jobs a second this machine carries with this system and fleet: one short run without trouble in which all jobs
 * are due at once, timed from its own history. For stretching a long load until it fits.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { never, outcomes, tickNs } from "../history/ledger.ts";
import type { Scenario } from "../scenarios/contract.ts";
import { ledgerOf } from "./conclude.ts";
import { messageOf } from "../std/user-error.ts";
import { planRun } from "./plan.ts";
import { run, StoppedEarly, type RunRequest, type RunTools } from "./run.ts";

/** Long enough that start-up hardly counts, short enough to be waited for. */
const sampleJobs = 60_000;

/** Jobs a second, from the first send to the last that was done. */
export async function measureCapacity(request: RunRequest, tools: RunTools, stop: AbortSignal): Promise<number> {
  const { plan, catalogues } = request;
  const scenario: Scenario = {
    ...plan.definition,
    load: { ...plan.load, curve: "steady" },
    trouble: [],
    exercises: [],
  };
  const sample = await planRun(
    { ...plan, jobs: sampleJobs, seconds: 1, scenario: "capacity" },
    { ...catalogues, scenarios: { capacity: scenario } },
  );
  const runs = await mkdtemp(join(tmpdir(), "whitewater-capacity-"));
  try {
    const { columns } = ledgerOf(await run({ ...request, plan: sample, runs }, tools, stop));
    if (stop.aborted) throw new StoppedEarly(`${messageOf(stop.reason)} while the capacity was measured`);
    let firstAt = never;
    let lastAt = 0;
    let done = 0;
    for (let job = 0; job < sampleJobs; job++) {
      if (columns.outcome[job] !== outcomes.ok || columns.lastEndAt[job] === never) continue;
      firstAt = Math.min(firstAt, columns.intendedAt[job] ?? never);
      lastAt = Math.max(lastAt, columns.lastEndAt[job] ?? 0);
      done++;
    }
    return done / (((lastAt - firstAt) * tickNs) / 1e9);
  } finally {
    await rm(runs, { recursive: true, force: true });
  }
}
