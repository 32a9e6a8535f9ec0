/** Hands jobs to the system: each is on file before it is on the wire, and so is what became of it. */
import { printsOf } from "../history/receipts.ts";
import { alwaysFails } from "../history/record.ts";
import type { Recorder } from "../history/recorder.ts";
import { monotonic } from "../std/clock.ts";
import type { Connection, Job } from "../systems/contract.ts";
import { workScript, type WorkScript } from "./load/work-script.ts";
import type { Member } from "./member.ts";

/** Jobs handed to the system in one call, when as many are due. */
const batchJobs = 200;
/** Calls under way where jobs are sent as fast as the system takes them. */
const callsAtOnce = 4;

/** A job, and when it is to be sent. */
interface Due {
  readonly job: number;
  readonly dueNs: number;
}

/** Jobs `first`, `first + step`, ... below `end`, each at its time. */
export interface Schedule {
  readonly first: number;
  readonly step: number;
  readonly end: number;
  dueNs(job: number): number;
}

export interface Sending {
  /**
   * Each at its time, whatever is not answered yet. Resolves when all that was sent is: whether that is all, or it is
   * to leave.
   */
  openLoop(schedule: Schedule): Promise<boolean>;
  /** As fast as the system takes them. */
  closedLoop(from: number, to: number): Promise<boolean>;
}

export function sendingBy(
  { assignment: { load, seed }, counts, leaving }: Member,
  recorder: Recorder,
  connection: Connection,
): Sending {
  const script = workScript(load, seed);
  const priorities = Object.keys(load.priorities ?? {});

  /** Resolves when it is on file; `answered` when its receipts are. */
  const send = async (batch: readonly Due[]): Promise<{ readonly answered: Promise<void> }> => {
    for (const due of batch) announce(recorder, script, priorities, due);
    counts.sent += batch.length;
    await recorder.commit();
    return { answered: enqueue(batch) };
  };

  const enqueue = async (batch: readonly Due[]): Promise<void> => {
    const receipts = await connection.enqueue(batch.map(({ job }) => jobOf(script, job)));
    for (const [index, { job }] of batch.entries()) {
      const receipt = receipts[index];
      const outcome = receipt?.outcome ?? "unknown";
      recorder.append(outcome, { job, ...(receipt?.outcome === "ok" ? printsOf(receipt.id) : {}) });
      counts[outcome === "ok" ? "acknowledged" : outcome]++;
    }
    await recorder.commit();
  };

  return {
    async openLoop(schedule) {
      const { first, step, end, dueNs } = schedule;
      const open = new Set<Promise<void>>();
      let next = first;
      while (next < end && !leaving.aborted) {
        const now = monotonic.nowNs();
        const batch = dueOf(schedule, next, now);
        const last = batch.at(-1);
        if (last === undefined) {
          await monotonic.until(dueNs(next), leaving);
          continue;
        }
        next += batch.length * step;
        counts.behindMs = (now - last.dueNs) / 1e6;
        const { answered } = await send(batch);
        const sending = answered.finally(() => open.delete(sending));
        open.add(sending);
      }
      await Promise.all(open);
      return next >= end;
    },
    closedLoop: (from, to) =>
      callsOver(from, to, leaving, async (jobs) => {
        const dueNs = monotonic.nowNs();
        const { answered } = await send(jobs.map((job) => ({ job, dueNs })));
        await answered;
      }),
  };
}

/**
 * Some calls at once, each with the next of them, until there are none or it is to leave; says whether that was all.
 */
async function callsOver(
  from: number,
  to: number,
  leaving: AbortSignal,
  call: (jobs: readonly number[]) => Promise<void>,
): Promise<boolean> {
  let next = from;
  const calls = async (): Promise<void> => {
    while (next < to && !leaving.aborted) {
      const first = next;
      next = Math.min(to, next + batchJobs);
      await call(Array.from({ length: next - first }, (_, index) => first + index));
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, calls));
  return next >= to;
}

/** From the next on, as many as are due and one call takes. */
function dueOf({ step, end, dueNs }: Schedule, next: number, now: number): readonly Due[] {
  const batch: Due[] = [];
  for (let job = next; job < end && batch.length < batchJobs; job += step) {
    const due = dueNs(job);
    if (due > now) break;
    batch.push({ job, dueNs: due });
  }
  return batch;
}

function announce(recorder: Recorder, script: WorkScript, priorities: readonly string[], { job, dueNs }: Due): void {
  const delayMs = script.delayMs(job);
  recorder.append("send", {
    job,
    attempt: priorities.indexOf(script.priority(job) ?? "") + 1,
    code: Math.min(script.plannedFailures(job), alwaysFails),
    micros: script.micros(job),
    aux: dueNs,
  });
  if (delayMs > 0) recorder.append("delayed", { job, micros: delayMs * 1000 });
}

function jobOf(script: WorkScript, job: number): Job {
  const delayMs = script.delayMs(job);
  const priority = script.priority(job);
  return {
    payload: script.payload(job),
    ...(delayMs === 0 ? {} : { delayMs }),
    ...(priority === undefined ? {} : { priority }),
  };
}
