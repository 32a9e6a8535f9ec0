/** What a person sees of a run: the dead are no backlog, and a drain says when it ends. */
import { expect, test } from "vitest";
import { monotonic } from "../std/clock.ts";
import { eventually } from "../std/deadline.ts";
import { noCounts, type JobCounts } from "../fleet/messages.ts";
import { watchProgress, type Progress } from "./progress.ts";

const limits = { stuckMs: 40_000, runMs: 7_000, deadlineMs: 90_000, patienceMs: 1, graceMs: 1, mostMs: 1 };

/** The first two looks at a fleet that has counted so much, in this stage. */
async function seen(
  counts: Partial<JobCounts>,
  atWork: number,
  tellsSettlements = false,
): Promise<readonly Progress[]> {
  const looks: Progress[] = [];
  const plan = { jobs: 10, seconds: 1, tellsSettlements, limits, load: { workers: 2 }, schedule: [] };
  using watch = watchProgress(plan, { clock: monotonic, progress: (progress) => void looks.push(progress) });
  watch.follow({
    alive: () => 2,
    broken: () => undefined,
    counts: () => ({ ...noCounts, ...counts }),
    turnover: () => 0,
    atWork: () => atWork,
  });
  watch.stage("draining");
  await eventually(() => looks.length > 1, { deadlineMs: 60_000, awaited: "two looks" });
  return looks;
}

test("a job that is dead is no backlog, whether its system tells of settlements or not", async () => {
  const counts = { acknowledged: 10, ended: 7, failed: 5, failedForGood: 2, settled: 8 };
  expect((await seen(counts, 0))[0]).toMatchObject({ backlog: 1 });
  expect((await seen(counts, 0, true))[0]).toMatchObject({ backlog: 2 });
});

test("a drain says how long it may take, and for how long nothing has moved", async () => {
  const [first, second] = await seen({ acknowledged: 3 }, 0);
  expect(first?.drain).toEqual({ leftMs: 90_000, unmovedMs: 0, stuckMs: 40_000 });
  expect(second?.drain?.unmovedMs).toBeGreaterThan(0);
  expect(second?.drain?.leftMs).toBeLessThan(90_000);
  const [beside] = await seen({ acknowledged: 3 }, 1);
  expect(beside?.drain?.stuckMs).toBe(47_000);
});
