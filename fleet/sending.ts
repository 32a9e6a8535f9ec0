/** Hands jobs to the system: each is on file before it is on the wire, and so is what became of it. */
import { printsOf } from "../history/receipts.ts";
import { alwaysFails, asDuplicate } from "../history/record.ts";
import type { Fields } from "../history/encode.ts";
import type { Recorder } from "../history/recorder.ts";
import { monotonic } from "../std/clock.ts";
import type { Connection, Job, Receipt } from "../systems/contract.ts";
import { keysOf } from "./load/keys.ts";
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

/** The same, with the job under whose key it goes, often itself; undefined where there are no keys. */
interface Sent extends Due {
  readonly first: number | undefined;
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
  { assignment: { load, seed, earlierFiles }, counts, leaving }: Member,
  recorder: Recorder,
  connection: Connection,
): Sending {
  const script = workScript(load, seed);
  const priorities = Object.keys(load.priorities ?? {});
  const keys = keysOf(load, script, earlierFiles);

  /** Resolves when it is on file; `answered` when its receipts are. */
  const send = async (batch: readonly Due[]): Promise<{ readonly answered: Promise<void> }> => {
    const jobs = batch.map((due): Sent => ({ ...due, first: keys.next(due.job, due.dueNs) }));
    for (const one of jobs) announce(recorder, script, priorities, one);
    counts.sent += batch.length;
    await recorder.commit();
    return { answered: enqueue(jobs) };
  };

  const enqueue = async (batch: readonly Sent[]): Promise<void> => {
    const receipts = await connection.enqueue(batch.map((one) => jobOf(script, one)));
    for (const [index, { job, first, dueNs }] of batch.entries()) {
      const receipt = receipts[index] ?? { outcome: "unknown" };
      if (receipt.outcome === "unknown" && first !== undefined) keys.unanswered({ first, sentNs: dueNs });
      recorder.append(receipt.outcome, { job, ...saidBy(receipt) });
      counts[countOf(receipt)]++;
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

function announce(
  recorder: Recorder,
  script: WorkScript,
  priorities: readonly string[],
  { job, dueNs, first = job }: Sent,
): void {
  const delayMs = script.delayMs(job);
  recorder.append("send", {
    job,
    attempt: priorities.indexOf(script.priority(job) ?? "") + 1,
    code: Math.min(script.plannedFailures(job), alwaysFails),
    micros: script.micros(job),
    aux: dueNs,
  });
  if (delayMs > 0) recorder.append("delayed", { job, micros: delayMs * 1000 });
  if (first !== job) recorder.append("repeated", { job, micros: first });
}

type Answer = Exclude<Receipt, { readonly outcome: "unknown" }> | Pick<Receipt, "outcome">;

const isDuplicate = (answer: Answer): boolean => "duplicate" in answer && (answer.duplicate ?? false);

const saidBy = (answer: Answer): Omit<Fields, "job"> => ({
  ...("id" in answer ? printsOf(answer.id) : {}),
  ...(isDuplicate(answer) ? { code: asDuplicate } : {}),
});

function countOf(answer: Answer): "acknowledged" | "duplicate" | "refused" | "unknown" {
  if (answer.outcome !== "ok") return answer.outcome;
  return isDuplicate(answer) ? "duplicate" : "acknowledged";
}

function jobOf(script: WorkScript, { job, first }: Sent): Job {
  const delayMs = script.delayMs(job);
  const priority = script.priority(job);
  return {
    payload: script.payload(job),
    ...(delayMs === 0 ? {} : { delayMs }),
    ...(priority === undefined ? {} : { priority }),
    ...(first === undefined ? {} : { key: `job ${first}` }),
  };
}
