/** What Redis Streams carry at best: no retries, no leases, no recovery, only the commands that move a job. */
import { Redis } from "ioredis";
import { batchJobs, payload, type Contender } from "./contender.ts";

const stream = "bare:jobs";
const group = "workers";

/** An id and its fields. */
type Entry = readonly [id: string, fields: readonly string[]];

export const bare: Contender = {
  about: "a loop of pipelines: 100 XADD; XREADGROUP COUNT 100; XACK and XDEL of 100 ids",
  async producer({ host, port }) {
    const redis = new Redis({ host, port });
    await redis.ping();
    return async (jobs) => {
      for (let sent = 0; sent < jobs; sent += batchJobs) {
        const pipeline = redis.pipeline();
        for (let n = sent; n < Math.min(sent + batchJobs, jobs); n++) pipeline.xadd(stream, "*", "payload", payload);
        failOn(await pipeline.exec());
      }
    };
  },
  async worker({ host, port }, handle, settled) {
    const redis = new Redis({ host, port });
    await redis.xgroup("CREATE", stream, group, "0", "MKSTREAM");
    const read = async (): Promise<readonly Entry[]> => {
      const answer = await redis.xreadgroup(
        ...(["GROUP", group, "one", "COUNT", batchJobs, "BLOCK", 1000, "STREAMS", stream, ">"] as const),
      );
      return entriesOf(answer);
    };
    const settle = async (ids: readonly string[]): Promise<void> => {
      if (ids.length === 0) return;
      failOn(
        await redis
          .pipeline()
          .xack(stream, group, ...ids)
          .xdel(stream, ...ids)
          .exec(),
      );
      settled(ids.length);
    };
    const loop = async (): Promise<never> => {
      for (let entries = await read(); ;) {
        await Promise.all(entries.map(([, fields]) => handle(fields[1] ?? "")));
        // The next are read right behind the settlement of these, not after its answer.
        const settling = settle(entries.map(([id]) => id));
        [entries] = await Promise.all([read(), settling]);
      }
    };
    loop().catch((error: unknown) => {
      throw error; // ends the process
    });
  },
};

/** Of the one stream that was read; none when nothing came in time. */
function entriesOf(reply: unknown): readonly Entry[] {
  if (reply === null) return [];
  const entries: unknown = Array.isArray(reply) && Array.isArray(reply[0]) ? reply[0][1] : undefined;
  if (isEntries(entries)) return entries;
  throw new Error("XREADGROUP answered something else than entries");
}

/** As cheap as can be: its cost is the bare loop's. */
const isEntries = (value: unknown): value is readonly Entry[] =>
  Array.isArray(value) &&
  value.every((entry) => Array.isArray(entry) && typeof entry[0] === "string" && Array.isArray(entry[1]));

function failOn(replies: readonly [Error | null, unknown][] | null): void {
  for (const [error] of replies ?? []) if (error !== null) throw error;
}
