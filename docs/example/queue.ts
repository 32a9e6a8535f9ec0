/** A queue as many teams have one: ids in a sorted set, scored by the time at which a worker may take them. Stands for yours. */
import { randomUUID } from "node:crypto";
import { Redis } from "ioredis";

export interface Taken {
  readonly id: string;
  readonly body: string;
  /** From 1. */
  readonly attempt: number;
}

const now = `local time = redis.call('TIME'); local now = time[1] * 1000 + math.floor(time[2] / 1000) `;

/** Each has KEYS due, bodies, attempts, dead. */
const scripts = {
  /** ARGV id, body */
  add: `${now} redis.call('HSET', KEYS[2], ARGV[1], ARGV[2]); redis.call('ZADD', KEYS[1], now, ARGV[1])`,
  /** ARGV hideMs: what was taken is hidden from the others for so long, and is there again if its worker dies. */
  take: `${now}
    local id = redis.call('ZRANGEBYSCORE', KEYS[1], 0, now, 'LIMIT', 0, 1)[1]
    if not id then return {} end
    redis.call('ZADD', KEYS[1], now + ARGV[1], id)
    return { id, redis.call('HGET', KEYS[2], id), redis.call('HINCRBY', KEYS[3], id, 1) }`,
  /** ARGV id, waitMs */
  retry: `${now} return redis.call('ZADD', KEYS[1], 'XX', 'CH', now + ARGV[2], ARGV[1])`,
  /** ARGV id, letter or nothing. Returns 0 when somebody else was quicker. */
  settle: `
    if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return 0 end
    if ARGV[2] ~= '' then redis.call('RPUSH', KEYS[4], ARGV[2]) end
    redis.call('HDEL', KEYS[2], ARGV[1]); redis.call('HDEL', KEYS[3], ARGV[1])
    return 1`,
};

export type Queue = ReturnType<typeof openQueue>;

export function openQueue(address: { readonly host: string; readonly port: number }, prefix: string, hideMs: number) {
  const redis = new Redis({ ...address, commandTimeout: 10_000 });
  redis.on("error", () => {}); // it connects again by itself; each call tells what became of it
  const keys = { due: `${prefix}:due`, bodies: `${prefix}:bodies`, attempts: `${prefix}:attempts`, dead: `${prefix}:dead` };
  const step = (name: keyof typeof scripts, ...words: readonly (string | number)[]): Promise<unknown> =>
    redis.eval(scripts[name], 4, ...Object.values(keys), ...words);
  return {
    redis,
    keys,
    async add(body: string): Promise<string> {
      const id = randomUUID();
      await step("add", id, body);
      return id;
    },
    async take(): Promise<Taken | undefined> {
      const taken = await step("take", hideMs);
      const [id, body, attempt] = Array.isArray(taken) ? taken : [];
      return id === undefined ? undefined : { id: String(id), body: String(body), attempt: Number(attempt) };
    },
    retry: (id: string, waitMs: number): Promise<unknown> => step("retry", id, waitMs),
    /** False when it was settled by somebody else. */
    done: async (id: string): Promise<boolean> => (await step("settle", id, "")) === 1,
    bury: async ({ id, body, attempt }: Taken, lastError: string): Promise<boolean> =>
      (await step("settle", id, JSON.stringify({ body, attempts: attempt, lastError }))) === 1,
    close: (): void => redis.disconnect(),
  };
}
