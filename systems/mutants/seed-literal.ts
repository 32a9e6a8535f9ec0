/**
 * Broken in many ways: the sketch that the engine started from, taken at its word, and held to what the engine
 * promises. docs/seed-literal.md tells what became of that.
 */
import { Redis, ReplyError } from "ioredis";
import { calendarNow } from "../../std/clock.ts";
import type { Address, Connection, Context, Mutant, Receipt } from "../contract.ts";
import stream, { type StreamConfig } from "../stream.ts";
import { fieldsOf, group, keysOf } from "./seed-literal/keys.ts";
import { scan } from "./seed-literal/scan.ts";
import { unchecked, work } from "./seed-literal/worker.ts";

/**
 * As the sketch's own client library has it by default: an answer within 3 s, and three more tries of whatever failed.
 */
const client = (address: Address, blockMs = 0): Redis => {
  const redis = new Redis({ ...address, protocol: 2, socketTimeout: 3000 + blockMs, maxRetriesPerRequest: 3 });
  redis.on("error", () => {});
  return redis;
};

/** It has so many connections, with one command under way on each; the next one waits. */
const connections = 20;

function pool(): <T>(command: () => Promise<T>) => Promise<T> {
  let free = connections;
  const waiting: (() => void)[] = [];
  return async (command) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await command();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free++;
      else next();
    }
  };
}

async function connect(context: Context, { leaseMs, sweepMs }: StreamConfig): Promise<Connection> {
  const { links, namespace, name, retries } = context;
  const keys = keysOf(namespace);
  const redis = client(links.commands);
  const pooled = pool();

  async function enqueue(payload: string): Promise<Receipt> {
    const createdAt = Math.floor(calendarNow().getTime() / 1000);
    const fields = fieldsOf({ payload, created_at: String(createdAt), retries: "0" });
    try {
      const id = await pooled(() => redis.xadd(keys.jobs, "*", ...fields));
      return { outcome: "ok", id: String(id) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { outcome: error instanceof ReplyError ? "refused" : "unknown", why };
    }
  }

  return {
    enqueue: (jobs) => Promise.all(jobs.map(({ payload }) => enqueue(payload))),
    /** The length of the stream, by which the sketch scales its workers. */
    depth: () => redis.xlen(keys.jobs),
    async work(task, stop) {
      const reader = client(links.blocking, 1000);
      await unchecked(redis.xgroup("CREATE", keys.jobs, group, "0", "MKSTREAM"));
      const { attempts, backoffMs } = retries;
      const terms = { name, maxRetries: attempts - 1, backoffMs, timeoutMs: leaseMs, sweepMs };
      await work(redis, reader, keys, terms, task, stop);
      reader.disconnect();
    },
    scan: () => scan(redis, keys),
    [Symbol.asyncDispose]: async () => redis.disconnect(),
  };
}

export default {
  ...stream,
  about:
    "The sketch that the engine started from, taken at its word: every step is a command of its own, entries are acknowledged and never removed, what is idle for long is redelivered, time comes from whoever acts, and the length of the stream counts as the depth of the queue.",
  delays: false,
  priorities: false,
  connect,
  killedBy: "metrics-truthful",
  under: "day",
  // One bug each, or a few: docs/seed-literal.md has a job for each that was seen. The last two wait for their moment:
  // an
  // acknowledgement asks nobody whose the job is, and idle time is by a clock that can be set back.
  related: [
    "drained",
    "dead-letter-complete",
    "concurrency-limit",
    "one-verdict",
    "duplicates-explained",
    "attempts-exact",
    "retry-not-early",
    "no-acked-loss",
    "dead-letter-exactly-once",
    "no-premature-reclaim",
    "fenced",
    "recovery-bound",
  ],
} satisfies Mutant<StreamConfig>;
