/**
 * A BullMQ worker, and what its events say of settlements. The attempt is BullMQ's `attemptsMade` + 1: it counts
 * failures of the handler, so a job that is run again because it stalled keeps its number (that run is counted in
 * `attemptsStarted`).
 */
import type { Job, Worker, WorkerOptions } from "bullmq";
import type { Delivery, Settlement, Work } from "../contract.ts";
import { within } from "../../std/deadline.ts";
import { messageOf } from "../../std/user-error.ts";
import type { Bullmq, QueueAddress } from "./load.ts";

/**
 * BullMQ's own close waits for the jobs in hand without an end
 * (https://docs.bullmq.io/guide/workers/graceful-shutdown).
 */
const closeDeadlineMs = 10_000;
const disconnectDeadlineMs = 3_000;
/** How long a worker takes at most to end once it is asked to. */
export const stopMs = closeDeadlineMs + disconnectDeadlineMs;

export interface BullmqWorkerSettings {
  readonly name: string;
  readonly attempts: number;
  readonly lockDuration: number;
  readonly stalledInterval: number;
  readonly maxStalledCount: number;
  readonly keepCompleted: number;
}

/** A delivery whose settlement has not been reported; `terminal` once its handler is over and no retry is due. */
interface InHand {
  readonly delivery: Delivery;
  terminal: boolean;
}

export async function work(
  bullmq: Bullmq,
  queue: QueueAddress,
  settings: BullmqWorkerSettings,
  task: Work,
  stop: AbortSignal,
): Promise<void> {
  if (stop.aborted) return;
  const inHand = new Map<string, InHand>();

  const run = async (job: Job<string>, _token?: string, signal?: unknown): Promise<void> => {
    const held: InHand = { delivery: { payload: job.data, attempt: job.attemptsMade + 1 }, terminal: false };
    inHand.set(idOf(job), held);
    try {
      await task.handle(held.delivery, signal instanceof AbortSignal ? signal : stayRunning);
      held.terminal = true;
    } catch (error) {
      held.terminal = held.delivery.attempt >= settings.attempts;
      throw error;
    }
  };

  const worker = new bullmq.Worker<string>(queue.name, run, optionsOf(queue, settings, task.concurrency));

  const report = (job: Job<string>, settlement: Settlement): void => {
    inHand.delete(idOf(job));
    task.settled({ payload: job.data, attempt: job.attemptsMade }, settlement); // BullMQ has counted this one by now
  };
  worker.on("completed", (job) => report(job, { settlement: "accepted", as: "done" }));
  worker.on("failed", (job) => {
    if (job === undefined) return;
    // Set when it went to the failed set, for want of attempts or because it stalled too often; else it will be
    // retried.
    if (job.finishedOn !== undefined) report(job, { settlement: "accepted", as: "dead" });
    else inHand.delete(idOf(job));
  });
  worker.on("error", (error) => {
    process.stderr.write(`bullmq: ${messageOf(error)}\n`);
    const complaint = complaintOf(error);
    const held = complaint === undefined ? undefined : inHand.get(complaint.id);
    if (complaint === undefined || held === undefined) return;
    inHand.delete(complaint.id);
    if (held.terminal) task.settled(held.delivery, complaint.settlement);
  });

  await new Promise<void>((resolve) => stop.addEventListener("abort", () => resolve(), { once: true }));
  await close(worker);
  // A worker that is closing keeps its errors to itself: of these, no one told how the settlement went.
  for (const { delivery, terminal } of inHand.values()) if (terminal) task.settled(delivery, { settlement: "unknown" });
}

const optionsOf = (
  { prefix, address }: QueueAddress,
  { name, lockDuration, stalledInterval, maxStalledCount, keepCompleted }: BullmqWorkerSettings,
  concurrency: number,
): WorkerOptions => ({
  prefix,
  connection: { host: address.host, port: address.port, maxRetriesPerRequest: null },
  name,
  concurrency,
  lockDuration,
  stalledInterval,
  maxStalledCount,
  // "The most common configuration is to keep a handful of completed jobs" and all of the failed ones
  // (https://docs.bullmq.io/guide/going-to-production). What is done is known from events, never from what is kept.
  removeOnComplete: { count: keepCompleted },
});

const stayRunning = new AbortController().signal;
const idOf = (job: Job<string>): string => job.id ?? "";

async function close(worker: Worker<string>): Promise<void> {
  try {
    await within(worker.close(), closeDeadlineMs, "BullMQ to finish the jobs in hand");
  } catch {
    await within(worker.disconnect(), disconnectDeadlineMs, "BullMQ to disconnect").catch(() => {});
  }
}

/** The answers of its scripts by which a job cannot be settled (`ErrorCode` in its source). */
const lockMismatch = -6;
const unsettled = new Set([-1, -2, -3, lockMismatch]);

/**
 * What an error of the worker says of a settlement. A settlement whose answer was lost is sent again and then finds its
 * own traces: no job, no lock, not active. Only another owner's lock proves that it never was accepted.
 */
function complaintOf(error: Error): { readonly id: string; readonly settlement: Settlement } | undefined {
  const code: unknown = "code" in error ? error.code : undefined;
  const id = /[Jj]ob (\S+?)\.? /.exec(`${error.message} `)?.[1];
  if (typeof code !== "number" || !unsettled.has(code) || id === undefined) return undefined;
  return { id, settlement: { settlement: code === lockMismatch ? "refused" : "unknown" } };
}
