/** A test's measure of time where a worker must not have done something: it was alive for so long, and could have. */
import type { Redis } from "ioredis";
import { keysOf } from "../../engine/redis/keys.ts";
import { eventually } from "../../std/deadline.ts";

/** Resolves when the engine's workers have shown so many signs of life from now on. */
export async function beats(client: Redis, namespace: string, count: number): Promise<void> {
  const sum = async (): Promise<number> =>
    Object.values(await client.hgetall(keysOf(namespace, "job").workers)).reduce((all, one) => all + Number(one), 0);
  const before = await sum();
  // A busy machine is ten times slower.
  await eventually(async () => (await sum()) >= before + count, {
    deadlineMs: 60_000,
    awaited: `${count} signs of life`,
  });
}
