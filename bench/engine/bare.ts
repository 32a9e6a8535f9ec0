/** What Redis Streams carry at best: no retries, no leases, no recovery, only the commands that move a job. */
import { Redis } from "ioredis";
import { z } from "zod";
import { batchJobs, payload, type Contender } from "./contender.ts";

const stream = "bare:jobs";
const group = "workers";

/** XREADGROUP: streams, their entries, each with an id and its fields. */
const reply = z.array(z.tuple([z.string(), z.array(z.tuple([z.string(), z.array(z.string())]))])).nullable();

export const bare: Contender = {
  about: "a loop of pipelines: XADD; XREADGROUP COUNT 100; XACK and XDEL",
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
    const loop = async (): Promise<never> => {
      for (;;) {
        const read = reply.parse(
          await redis.xreadgroup("GROUP", group, "one", "COUNT", batchJobs, "BLOCK", 1000, "STREAMS", stream, ">"),
        );
        const entries = read?.[0]?.[1] ?? [];
        await Promise.all(entries.map(([, fields]) => handle(fields[1] ?? "")));
        const pipeline = redis.pipeline();
        for (const [id] of entries) pipeline.xack(stream, group, id).xdel(stream, id);
        failOn(await pipeline.exec());
        settled(entries.length);
      }
    };
    loop().catch((error: unknown) => {
      throw error; // ends the process
    });
  },
};

function failOn(replies: readonly [Error | null, unknown][] | null): void {
  for (const [error] of replies ?? []) if (error !== null) throw error;
}
