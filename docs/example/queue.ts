/**
 * A queue as many teams have one: ids in a sorted set, scored by the time at which a worker may take them. Stands for
 * yours.
 */
import { randomUUID } from "node:crypto";
import { setTimeout } from "node:timers/promises";
import { Redis } from "ioredis";

export interface Settings {
  /** What was taken is hidden from the others for so long, and is there again if its worker dies. */
  readonly hideMs: number;
  readonly attempts: number;
  readonly backoffMs: number;
}

export interface Letter {
  readonly body: string;
  readonly attempts: number;
  readonly lastError: string;
}

const now = `local time = redis.call('TIME'); local now = time[1] * 1000 + math.floor(time[2] / 1000)`;

/** Each has KEYS due, bodies, tries, dead. */
const scripts = {
  /** ARGV id, body */
  add: `${now} redis.call('HSET', KEYS[2], ARGV[1], ARGV[2]); redis.call('ZADD', KEYS[1], now, ARGV[1])`,
  /** ARGV hideMs */
  take: `${now}
    local id = redis.call('ZRANGEBYSCORE', KEYS[1], 0, now, 'LIMIT', 0, 1)[1]
    if not id then return {} end
    redis.call('ZADD', KEYS[1], now + ARGV[1], id)
    return { id, redis.call('HGET', KEYS[2], id), redis.call('HINCRBY', KEYS[3], id, 1) }`,
  /** ARGV id, waitMs */
  retry: `${now} redis.call('ZADD', KEYS[1], 'XX', now + ARGV[2], ARGV[1])`,
  /** ARGV id, letter or nothing */
  settle: `
    if redis.call('ZREM', KEYS[1], ARGV[1]) == 0 then return end
    if ARGV[2] ~= '' then redis.call('RPUSH', KEYS[4], ARGV[2]) end
    redis.call('HDEL', KEYS[2], ARGV[1]); redis.call('HDEL', KEYS[3], ARGV[1])`,
};

export function openQueue(
  address: { readonly host: string; readonly port: number },
  prefix: string,
  { hideMs, attempts, backoffMs }: Settings,
) {
  const redis = new Redis({ ...address, commandTimeout: 10_000 });
  redis.on("error", () => {}); // it connects again by itself; each call tells what became of it
  const keys = {
    due: `${prefix}:due`,
    bodies: `${prefix}:bodies`,
    tries: `${prefix}:tries`,
    dead: `${prefix}:dead`,
  };
  const step = (
    name: keyof typeof scripts,
    ...words: readonly (string | number)[]
  ): Promise<unknown> => redis.eval(scripts[name], 4, ...Object.values(keys), ...words);

  async function workOnce(
    handle: (body: string, attempt: number) => Promise<void>,
  ): Promise<boolean> {
    const taken = await step("take", hideMs);
    const [id, body, attempt] = Array.isArray(taken) ? taken.map(String) : [];
    if (id === undefined || body === undefined) return false;
    try {
      await handle(body, Number(attempt));
    } catch (error) {
      const letter: Letter = { body, attempts: Number(attempt), lastError: String(error) };
      if (letter.attempts < attempts) await step("retry", id, backoffMs);
      else await step("settle", id, JSON.stringify(letter));
      return true;
    }
    await step("settle", id, "");
    return true;
  }

  return {
    /** Resolves once it is in Redis. */
    async add(body: string): Promise<string> {
      const id = randomUUID();
      await step("add", id, body);
      return id;
    },
    /** Resolves once `stop` is aborted and nothing is in hand. */
    async work(
      handle: (body: string, attempt: number) => Promise<void>,
      hands: number,
      stop: AbortSignal,
    ): Promise<void> {
      const hand = (): Promise<void> => until(stop, () => workOnce(handle));
      await Promise.all(Array.from({ length: hands }, hand));
    },
    pending: (): Promise<string[]> => redis.hvals(keys.bodies),
    dead: async (): Promise<Letter[]> =>
      (await redis.lrange(keys.dead, 0, -1)).map((letter) => JSON.parse(letter)),
    close: (): void => redis.disconnect(),
  };
}

/** One step after the other, with a pause where there was nothing to do. */
async function until(stop: AbortSignal, step: () => Promise<boolean>): Promise<void> {
  while (!stop.aborted) {
    const found = await step().catch(() => false); // an error of Redis; the job shows up again
    if (!found) await setTimeout(100);
  }
}
