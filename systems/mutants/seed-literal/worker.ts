/**
 * The sketch's worker: each thing that it does to the store is a command of its own, and nobody looks at what came of
 * it. `handleFailure` is the sketch's, line by line. What the sketch tells of and does not show (the read loop, the
 * redelivery on timeout, the requeue with a delay) is the plainest that its text allows, in the same manner.
 */
import type { Redis } from "ioredis";
import { calendarNow, monotonic, pause } from "../../../std/clock.ts";
import type { Delivery, Settlement, Work } from "../../contract.ts";
import { entryOf, fieldsOf, group, listOf, messageOf, type SketchKeys, type Message } from "./keys.ts";

export interface SketchTerms {
  readonly name: string;
  readonly maxRetries: number;
  readonly backoffMs: number;
  /** An entry that has been in someone's hands for so long is somebody else's. */
  readonly timeoutMs: number;
  readonly sweepMs: number;
}

const blockMs = 1000;
const pollMs = 200;
const page = 100;
const afterErrorMs = 500;

/** A command whose error is nobody's business. */
export const unchecked = (command: Promise<unknown>): Promise<unknown> => command.catch(() => undefined);

/** Resolves when it was asked to stop and what ran is over. */
// long: the sketch, which has its loops in one place
export async function work(
  redis: Redis,
  reader: Redis,
  { jobs, dlq, delayed }: SketchKeys,
  { name, maxRetries, backoffMs, timeoutMs, sweepMs }: SketchTerms,
  task: Work,
  stop: AbortSignal,
): Promise<void> {
  const running = new Set<Promise<void>>();
  const never = new AbortController().signal;

  async function handle(id: string, message: Message): Promise<void> {
    const delivery = { payload: message.payload, attempt: Number(message.retries) + 1 };
    try {
      await task.handle(delivery, never);
    } catch (error) {
      return handleFailure(id, message, delivery, error instanceof Error ? error.message : String(error));
    }
    task.settled(delivery, settlementOf("done", await unchecked(redis.xack(jobs, group, id))));
  }

  async function handleFailure(id: string, message: Message, delivery: Delivery, error: string): Promise<void> {
    const retries = Number(message.retries);
    if (retries >= maxRetries) {
      const failedAt = Math.floor(calendarNow().getTime() / 1000);
      const letter = { original_stream: jobs, payload: message.payload, error, failed_at: failedAt };
      await unchecked(redis.xadd(dlq, "*", ...Object.entries(letter).flat()));
      task.settled(delivery, settlementOf("dead", await unchecked(redis.xack(jobs, group, id))));
      return;
    }
    await requeueWithDelay(id, message, backoffMs * 2 ** retries, retries + 1);
  }

  async function requeueWithDelay(id: string, message: Message, delayMs: number, retries: number): Promise<void> {
    const member = JSON.stringify({ ...message, retries: String(retries) });
    await unchecked(redis.zadd(delayed, calendarNow().getTime() + delayMs, member));
    await unchecked(redis.xack(jobs, group, id));
  }

  function start(entry: unknown): void {
    const { id, fields } = entryOf(entry);
    const over = handle(id, messageOf(fields)).finally(() => running.delete(over));
    running.add(over);
  }

  async function read(): Promise<void> {
    if (running.size >= task.concurrency) return Promise.race(running);
    const which = ["COUNT", task.concurrency - running.size, "BLOCK", blockMs, "STREAMS", jobs, ">"] as const;
    const reply = await unchecked(reader.call("XREADGROUP", "GROUP", group, name, ...which));
    if (reply === undefined) await pause(monotonic, afterErrorMs, stop);
    for (const entry of listOf(listOf(listOf(reply)[0])[1])) start(entry);
  }

  async function redeliver(): Promise<void> {
    await pause(monotonic, sweepMs, stop);
    const reply = await unchecked(redis.call("XAUTOCLAIM", jobs, group, name, timeoutMs, "0", "COUNT", page));
    for (const entry of listOf(listOf(reply)[1])) start(entry);
  }

  async function requeue(): Promise<void> {
    await pause(monotonic, pollMs, stop);
    const due = await unchecked(redis.zrangebyscore(delayed, "-inf", calendarNow().getTime(), "LIMIT", 0, page));
    for (const member of listOf(due)) {
      // Of several workers that see it, one removes it.
      if ((await unchecked(redis.zrem(delayed, String(member)))) !== 1) continue;
      await unchecked(redis.xadd(jobs, "*", ...fieldsOf(JSON.parse(String(member)))));
    }
  }

  async function again(step: () => Promise<void>): Promise<void> {
    while (!stop.aborted) await step();
  }
  await Promise.all([again(read), again(redeliver), again(requeue)]);
  await Promise.all(running);
}

/**
 * The sketch does not look at what came of an acknowledgement; here it is looked at, since what the store refused is no
 * verdict. None may be another's, or this very one whose answer was lost and which was sent again.
 */
const settlementOf = (as: "done" | "dead", acknowledged: unknown): Settlement =>
  acknowledged === 1 ? { settlement: "accepted", as } : { settlement: "unknown" };
