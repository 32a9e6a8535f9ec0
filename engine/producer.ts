/** Takes jobs from callers, gathers them into batches and spreads these over lanes, so that no batch waits for another. */
import type { Broker } from "./broker.ts";
import { atEndOfTurn, nowMs, settledWithin, sleeper } from "./clock.ts";
import { fifo } from "./fifo.ts";
import type { JobType } from "./job-type.ts";
import type { Keys } from "./keys.ts";
import { openLane, type Lane, type Sent, type Written } from "./lane.ts";
import { between } from "./random.ts";
import type { Reason } from "./refusals.ts";
import { termsOf } from "./terms.ts";

/** What became of one enqueue. */
export type Receipt =
  /** Written, once, and processed at least once from here on. A `duplicate` was written before, by another enqueue with its key; nothing was written now. */
  | { readonly outcome: "ok"; readonly id: string; readonly duplicate?: true }
  /** Not written, and it never will be. `why` is for humans, and says what they can do. */
  | { readonly outcome: "refused"; readonly reason: Reason; readonly why: string }
  /** Written once or not at all: no answer came in time. */
  | { readonly outcome: "unknown"; readonly why: string };

export interface Producer<Payload> extends AsyncDisposable {
  /**
   * One receipt per payload, in order. Waits for a broker that is away, for as long as the deadline allows. Rejects only for
   * what the caller did wrong: a payload that cannot be encoded, a time or a key that is none.
   */
  enqueue(payloads: readonly Payload[], options?: EnqueueOptions): Promise<readonly Receipt[]>;
}

export interface EnqueueOptions {
  /** They must not start earlier than this after they were written, by the broker's clock: one for all, or one for each. */
  readonly delayMs?: number | readonly number[];
  /** They must not start before this time in ms since 1970, by the broker's clock: one for all, or one for each. Not together with `delayMs`. */
  readonly at?: number | readonly number[];
  /**
   * One for each: a second job under the same key is not written while the key is remembered (see the job type's `rememberMs`).
   * Its receipt has the id of the first. That their payloads are the same is the caller's business: nobody compares them.
   */
  readonly key?: string | readonly (string | undefined)[];
}

export interface ProducerOptions {
  /** After this long a job that could not be written is refused, or unknown. */
  readonly deadlineMs?: number;
  /** Batches under way at once. */
  readonly lanes?: number;
}

const defaults = { deadlineMs: 30_000, lanes: 8 };
/** A lane's record is dropped when it has not moved for longer than any producer waits: see the sweep of lanes. */
export const deadlineMsMax = 300_000;
const batchJobs = 250;
const batchChars = 1_000_000;

interface Waiting extends Sent {
  readonly dueMs: number;
  readonly told: (receipt: Receipt) => void;
}

export function producerOf<Payload>(
  broker: Broker,
  keys: Keys,
  type: JobType<Payload>,
  options: ProducerOptions = {},
): Producer<Payload> {
  const { deadlineMs, lanes: lanesMax } = { ...defaults, ...options };
  if (!(deadlineMs > 0 && deadlineMs <= deadlineMsMax))
    throw new RangeError(`a producer's deadline is at most ${deadlineMsMax} ms, not ${deadlineMs}`);
  if (!(lanesMax >= 1)) throw new RangeError(`a producer needs at least one lane, not ${lanesMax}`);
  const lanes: Lane[] = [];
  /** The one used last is used first: few lanes are kept where few are needed. */
  const free: Lane[] = [];
  const writing = new Set<Promise<void>>();
  const queue = fifo<Waiting>();
  let scheduled = false;

  function nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let chars = 0;
    for (let next = queue.peek(); next !== undefined && batch.length < batchJobs; next = queue.peek()) {
      chars += next.text.length;
      if (batch.length > 0 && chars > batchChars) break;
      batch.push(next);
      queue.shift();
    }
    return batch;
  }

  function newLane(): Lane {
    const lane = openLane(broker, keys, type.maxDepth);
    lanes.push(lane);
    return lane;
  }

  function pump(): void {
    scheduled = false;
    while (queue.length > 0 && (free.length > 0 || lanes.length < lanesMax)) {
      const lane = free.pop() ?? newLane();
      const written = write(lane, nextBatch()).finally(() => {
        writing.delete(written);
        free.push(lane);
        pump();
      });
      writing.add(written);
    }
  }

  async function write(lane: Lane, batch: readonly Waiting[]): Promise<void> {
    const dueMs = batch[0]?.dueMs ?? 0; // they wait in order, so the first is due first
    const written = await lane.write(
      batch,
      () => nowMs() >= dueMs,
      async () => {
        await settledWithin(broker.whenReady(), Math.min(dueMs - nowMs(), 1000));
        await sleeper().sleep(between(20, 60));
      },
    );
    for (const [index, { told }] of batch.entries()) told(receiptOf(written, index, type));
  }

  return {
    async enqueue(payloads, options) {
      const terms = options === undefined ? [] : termsOf(payloads.length, options);
      const sent = payloads.map((payload, index) => ({
        text: type.payload.encode(payload),
        terms: terms[index] ?? "0",
      }));
      if (sent.length === 0) return [];
      const dueMs = nowMs() + deadlineMs;
      const receipts: Receipt[] = [];
      const all = Promise.withResolvers<readonly Receipt[]>();
      let open = sent.length;
      for (const [index, job] of sent.entries()) {
        const told = (receipt: Receipt): void => {
          receipts[index] = receipt;
          if (--open === 0) all.resolve(receipts);
        };
        queue.push({ ...job, dueMs, told });
      }
      if (!scheduled) {
        scheduled = true;
        atEndOfTurn(pump);
      }
      return all.promise;
    },
    async [Symbol.asyncDispose]() {
      if (scheduled) pump();
      while (writing.size > 0) await Promise.all(writing);
      await Promise.all(lanes.map((lane) => lane.close()));
    },
  };
}

function receiptOf(
  written: Written,
  index: number,
  { name, maxDepth }: Pick<JobType<unknown>, "name" | "maxDepth">,
): Receipt {
  if (written.outcome !== "ok") return written;
  const before = written.known.get(index);
  if (before !== undefined) return { outcome: "ok", id: before, duplicate: true };
  if (index < written.full) return { outcome: "ok", id: `${written.idPrefix}${index}` };
  return {
    outcome: "refused",
    reason: "full",
    why: `${name} has ${maxDepth} jobs to do already, which is its maxDepth: try again later, or have more workers`,
  };
}
