/**
 * A redis-server for the tests of the file that imports this: it starts before the first of them and ends after the
 * last.
 */
import { Redis } from "ioredis";
import { afterAll, beforeAll } from "vitest";
import { startRedis, type TestRedis } from "./redis.ts";

export let redis: TestRedis;
/** A client of it. */
export let store: Redis;

beforeAll(async () => {
  redis = await startRedis();
  store = new Redis({ host: redis.host, port: redis.port });
});
afterAll(async () => {
  store.disconnect();
  await redis[Symbol.asyncDispose]();
});
