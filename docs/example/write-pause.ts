/** A fault of our own: for a while the store takes no writes, as in the middle of a failover. */
import { Redis } from "ioredis";
import { prove, z, type Fault, type Planned, type StoreLever } from "whitewater";

const options = z.strictObject({
  lastsMs: z
    .tuple([z.int().min(100), z.int()])
    .readonly()
    .default([500, 1_000]),
});

export const writePause: Fault<z.infer<typeof options>, Planned, "store"> = {
  about: "Lets the store answer reads only: every write waits until the pause is over.",
  effect: "store-away",
  needs: ["store"],
  options,
  plan: ({ lastsMs: [shortest, longest] }, _target, random) => ({
    lastsMs: random.between(shortest, longest),
    touches: ["store"],
    relies: [],
  }),
  async arm({ lastsMs }, { store }) {
    await ask(store, (redis) => redis.client("PAUSE", 60_000, "WRITE")); // ends by itself, should nobody end it
    const silent = async () => {
      const waited = await ask(store, write, 300).then(
        () => undefined,
        (error: unknown) => String(error),
      );
      if (waited === undefined) throw new Error("a write was answered");
      return { waited };
    };
    return (stop) => prove(silent, Math.max(lastsMs, 5_000), stop);
  },
  heal: (_plan, { store }, stop) =>
    prove(
      async () => {
        await ask(store, (redis) => redis.client("UNPAUSE"));
        return { wrote: await ask(store, write) };
      },
      20_000,
      stop,
    ),
};

const write = (redis: Redis): Promise<string> => redis.set("write-pause:probe", "1", "EX", 60);

/** One question on a connection of its own. */
async function ask<T>(
  { address }: StoreLever,
  question: (redis: Redis) => Promise<T>,
  commandTimeout = 10_000,
): Promise<T> {
  const redis = new Redis({ ...address, commandTimeout, retryStrategy: () => null });
  redis.on("error", () => {}); // told by what fails
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}
