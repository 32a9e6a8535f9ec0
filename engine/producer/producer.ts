/**
 * Takes jobs from callers and gives each to the part in which it is to stand: that of its priority, in one of the
 * shards.
 */
import type { Broker } from "../redis/broker.ts";
import { nowMs } from "../std/clock.ts";
import type { JobType } from "../job-type.ts";
import { shardOf, type Part } from "../redis/keys.ts";
import { deadlineMsMax, type Written } from "./idempotent-producer.ts";
import { newJobOf, type NewJob } from "./new-job.ts";
import { milliseconds, optionsOf, or, refuse, whole } from "../options.ts";
import type { Reason } from "./refusals.ts";
import { wordsFor } from "../std/thrown.ts";
import { encoded } from "../user-code.ts";
import { writerOf, type Writer } from "./writer.ts";

/** What became of one enqueue. */
export type Receipt =
  /**
   * Written, once, and processed at least once from here on. A `duplicate` was written before, by another enqueue with
   * its key; nothing was written now.
   */
  | { readonly outcome: "ok"; readonly id: string; readonly duplicate?: true }
  /** Not written, and it never will be. `why` is for humans, and says what they can do. */
  | { readonly outcome: "refused"; readonly reason: Reason; readonly why: string }
  /** Written once or not at all: no answer came in time. */
  | { readonly outcome: "unknown"; readonly why: string };

export interface Producer<Payload> extends AsyncDisposable {
  /**
   * One receipt per job, in order. Waits for a broker that is away, for as long as the deadline allows. Rejects only
   * for what the caller did wrong, and then nothing was sent: a payload that cannot be encoded or is too large, a time,
   * a key or a priority that is none.
   */
  enqueue(jobs: readonly NewJob<Payload>[]): Promise<readonly Receipt[]>;
}

export interface ProducerOptions {
  /** After this long a job that could not be written is refused, or unknown. */
  readonly deadlineMs?: number;
  /** Producer ids, each with one batch under way at a time, in each shard and priority. */
  readonly lanes?: number;
}

const kinds = { deadlineMs: or(30_000, milliseconds(1, deadlineMsMax)), lanes: or(8, whole(1, 1000)) };

/** @param parts each with the connection to where it is */
export function producerOf<Payload>(
  parts: readonly (Part & { readonly broker: Broker })[],
  type: JobType<Payload>,
  options: ProducerOptions = {},
): Producer<Payload> {
  const { deadlineMs, lanes } = optionsOf("producer", options, kinds);
  const depthMax = type.maxDepth === undefined ? undefined : Math.ceil(type.maxDepth / type.shards);
  const writers = new Map<Part, Writer>(parts.map((part) => [part, writerOf(part.broker, part.keys, depthMax, lanes)]));
  const byPriority = Map.groupBy(parts, ({ priority }) => priority);
  let next = 0;
  let isClosed = false;

  /** The same key is always of the same shard, or it would not be seen there. */
  function writerFor({ priority, key }: NewJob<string>, index: number): Writer {
    const shards = byPriority.get(priority ?? "") ?? [];
    const part = shards[key === undefined ? next++ % type.shards : shardOf(key, type.shards)];
    const writer = part && writers.get(part);
    if (writer !== undefined) return writer;
    const names = Object.keys(type.priorities ?? {}).join(", ");
    const takes = names === "" ? `left out (${type.name} has none)` : `one of ${names}`;
    return refuse(`enqueue: job ${index}: priority`, takes, priority);
  }

  return {
    async enqueue(given) {
      if (!Array.isArray(given)) throw new TypeError(`enqueue takes a list of jobs, not ${wordsFor(given)}`);
      // As it is now, without holes: what encodes may change the list.
      const checked = Array.from<unknown>(given).map(newJobOf);
      const jobs = checked.map((job, index) => {
        const encodedJob = { ...job, payload: checkedText(type, encoded<unknown>(type, job.payload, index), index) };
        return { job: encodedJob, writer: writerFor(encodedJob, index) };
      });
      if (jobs.length === 0) return [];
      if (isClosed) return jobs.map(() => ({ ...closed })); // each its own
      const dueMs = nowMs() + deadlineMs;
      const receipts: Receipt[] = [];
      const all = Promise.withResolvers<readonly Receipt[]>();
      let open = jobs.length;
      for (const [index, { job, writer }] of jobs.entries()) {
        const onWritten = (written: Written, at: number): void => {
          receipts[index] = receiptOf(written, at, type);
          if (--open === 0) all.resolve(receipts);
        };
        writer.push({ job, dueMs, onWritten });
      }
      return all.promise;
    },
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await Promise.all([...writers.values()].map((writer) => writer.close()));
    },
  };
}

/** @throws RangeError for one that no reader has to bear */
function checkedText(
  { name, payloadBytesMax }: Pick<JobType<unknown>, "name" | "payloadBytesMax">,
  text: string,
  index: number,
): string {
  // In UTF-8 no character takes more than three bytes for each of its code units.
  if (text.length * 3 <= payloadBytesMax) return text;
  const bytes = Buffer.byteLength(text);
  if (bytes <= payloadBytesMax) return text;
  throw new RangeError(
    `the payload of job ${index} of ${name} has ${bytes} bytes, and its payloadBytesMax is ${payloadBytesMax}: keep it elsewhere and enqueue where it is, or raise that`,
  );
}

const closed: Receipt = { outcome: "refused", reason: "closed", why: "this producer was closed: nothing was sent" };

function receiptOf(
  written: Written,
  index: number,
  { name, maxDepth }: Pick<JobType<unknown>, "name" | "maxDepth">,
): Receipt {
  if (written.outcome !== "ok") return { ...written }; // each its own
  const before = written.known.get(index);
  if (before !== undefined) return { outcome: "ok", id: before, duplicate: true };
  if (index < written.full) return { outcome: "ok", id: `${written.idPrefix}${index}` };
  return {
    outcome: "refused",
    reason: "full",
    why: `${name} has ${maxDepth} jobs to do already, which is its maxDepth: try again later, or have more workers`,
  };
}
