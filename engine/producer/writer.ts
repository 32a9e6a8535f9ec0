/**
 * Writes the jobs of one part: gathers them into batches and spreads these over idempotent producers, so that no batch
 * waits for another.
 */
import type { Broker } from "../redis/broker.ts";
import { atEndOfTurn, nowMs, settledWithin, sleeper } from "../std/clock.ts";
import { fifo, type Fifo } from "../std/fifo.ts";
import type { Keys } from "../redis/keys.ts";
import { idempotentProducer, type IdempotentProducer, type Written } from "./idempotent-producer.ts";
import type { NewJob } from "./new-job.ts";
import { between } from "../std/random.ts";

/** A job that waits to be written. */
export interface Waiting {
  readonly job: NewJob<string>;
  readonly dueMs: number;
  /** @param index of the job in the batch that it was part of */
  readonly onWritten: (written: Written, index: number) => void;
}

export interface Writer {
  push(job: Waiting): void;
  /** Resolves when nothing is under way any more, and the broker keeps no record of it. */
  close(): Promise<void>;
}

const batchJobs = 250;
const batchChars = 1_000_000;

/** @param depthMax at which the broker refuses, if at all @param inFlightMax batches under way at once */
export function writerOf(broker: Broker, keys: Keys, depthMax: number | undefined, inFlightMax: number): Writer {
  const producers: IdempotentProducer[] = [];
  /** The one used last is used first: few are kept where few are needed. */
  const idle: IdempotentProducer[] = [];
  const writing = new Set<Promise<void>>();
  const queue = fifo<Waiting>();
  let scheduled = false;

  function newProducer(): IdempotentProducer {
    const producer = idempotentProducer(broker, keys, depthMax);
    producers.push(producer);
    return producer;
  }

  function pump(): void {
    scheduled = false;
    while (queue.length > 0 && (idle.length > 0 || producers.length < inFlightMax)) {
      const producer = idle.pop() ?? newProducer();
      const written = write(broker, producer, nextBatch(queue)).finally(() => {
        writing.delete(written);
        idle.push(producer);
        pump();
      });
      writing.add(written);
    }
  }

  return {
    push(job) {
      queue.push(job);
      if (scheduled) return;
      scheduled = true;
      atEndOfTurn(pump);
    },
    async close() {
      if (scheduled) pump();
      while (writing.size > 0) await Promise.all(writing);
      await Promise.all(producers.map((producer) => producer.close()));
    },
  };
}

/** As many as one script may write while everybody else waits for it. */
function nextBatch(queue: Fifo<Waiting>): Waiting[] {
  const batch: Waiting[] = [];
  let chars = 0;
  for (let next = queue.peek(); next !== undefined && batch.length < batchJobs; next = queue.peek()) {
    chars += next.job.payload.length;
    if (batch.length > 0 && chars > batchChars) break;
    batch.push(next);
    queue.shift();
  }
  return batch;
}

async function write(broker: Broker, producer: IdempotentProducer, batch: readonly Waiting[]): Promise<void> {
  const dueMs = batch[0]?.dueMs ?? 0; // they wait in order, so the first is due first
  const written = await producer.write(
    batch.map(({ job }) => job),
    () => nowMs() >= dueMs,
    async () => {
      await settledWithin(broker.whenReady(), Math.min(dueMs - nowMs(), 1000));
      await sleeper().sleep(between(20, 60));
    },
  );
  for (const [index, { onWritten }] of batch.entries()) onWritten(written, index);
}
