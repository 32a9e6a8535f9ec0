import { fatesOf, isOpen } from "../history/fates.ts";
import { never, tickNs, type Incarnation, type Ledger, type LifeEvent } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { byPhase } from "./spans.ts";
import { watchedTo } from "./times.ts";

export const runLatency = {
  about:
    "How long each run of a handler took, from its start to its end or failure: the work itself, without the queue. One that never ended counts with its age at the end of the run, or of its process; it is left out where the process died and the job went on.",
  measure(ledger) {
    const spans = byPhase(ledger);
    eachRun(ledger, (_, from, ticks, isOver) => spans.add(from, ticks, isOver));
    return spans.distribution();
  },
  eachSample: (ledger, tell) =>
    eachRun(ledger, (job, from, ticks, isOver) => tell(job, (ticks * tickNs) / 1e6, from * tickNs, isOver, 0)),
} satisfies Measure;

/** Times in ticks. */
function eachRun(ledger: Ledger, each: (job: number, from: number, ticks: number, isOver: boolean) => void): void {
  const { firstStartAt, lastEndAt } = ledger.columns;
  for (let job = 0; job < firstStartAt.length; job++) {
    const from = firstStartAt[job] ?? never;
    const to = lastEndAt[job] ?? never;
    if (from !== never && to !== never && !ledger.isExceptional(job)) each(job, from, to - from, true);
  }
  const { of } = fatesOf(ledger);
  const end = watchedTo(ledger) * tickNs;
  const processes = new Map(ledger.incarnations.map((process) => [process.incarnation, process]));
  for (const { job, life } of ledger.exceptions()) {
    const lastStart = life.findLast(({ kind }) => kind === "start");
    for (const run of runsOf(life)) {
      const process = processes.get(run.start.incarnation);
      const exit = process?.exitedAt ?? end;
      const counts = run.to !== undefined || !died(process, end) || (isOpen(of[job]) && run.start === lastStart);
      const to = run.to ?? Math.max(run.start.at, Math.min(end, exit));
      if (counts) each(job, run.start.at / tickNs, Math.round((to - run.start.at) / tickNs), run.to !== undefined);
    }
  }
}

/** In the course of the run: one that does not go when it is sent home has lived. */
const died = (process: Incarnation | undefined, end: number): boolean =>
  process?.exitedAt !== undefined && process.exitedAt < end && process.end !== "closed";

interface Run {
  readonly start: LifeEvent;
  /** ns; undefined where it never ended. */
  readonly to: number | undefined;
}

/** Of one job's life: each start with an end or failure of the same attempt in the same process, in their order. */
function runsOf(life: readonly LifeEvent[]): readonly Run[] {
  const runs: Run[] = [];
  const open = new Map<string, LifeEvent[]>();
  for (const event of life) {
    const starts = open.get(`${event.incarnation} ${event.attempt}`);
    if (event.kind === "start") {
      if (starts === undefined) open.set(`${event.incarnation} ${event.attempt}`, [event]);
      else starts.push(event);
    } else if (event.kind === "end" || event.kind === "failed") {
      const start = starts?.shift();
      if (start !== undefined) runs.push({ start, to: event.at });
    }
  }
  return [...runs, ...[...open.values()].flat().map((start) => ({ start, to: undefined }))];
}
