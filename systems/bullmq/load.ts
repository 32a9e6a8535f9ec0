/**
 * The user's own BullMQ and ioredis, held against the little that is asked of them: types are those of one version,
 * objects are not.
 */
import type * as bullmq from "bullmq";
import type { Redis } from "ioredis";
import type { Address, Context } from "../contract.ts";
import { UserError } from "../../std/user-error.ts";

export type Bullmq = Pick<typeof bullmq, "Queue" | "Worker">;
export type RedisClass = typeof Redis;

/** Which queue, and where: BullMQ names its keys `<prefix>:<name>:<key>`. */
export interface QueueAddress {
  readonly name: string;
  readonly prefix: string;
  readonly address: Address;
}

export async function loadBullmq(context: Context): Promise<Bullmq> {
  const loaded = await context.load("bullmq");
  if (isBullmq(loaded)) return loaded;
  throw new UserError("the package bullmq has no Queue and Worker: install bullmq 5 or newer");
}

export async function loadRedis(context: Context): Promise<RedisClass> {
  const loaded = await context.load("ioredis");
  if (isRedis(loaded)) return loaded.Redis;
  throw new UserError("the package ioredis has no Redis: install ioredis 5 or newer");
}

const isBullmq = (loaded: unknown): loaded is Bullmq => hasClass(loaded, "Queue") && hasClass(loaded, "Worker");
const isRedis = (loaded: unknown): loaded is { readonly Redis: RedisClass } => hasClass(loaded, "Redis");

const hasClass = (loaded: unknown, name: string): boolean =>
  typeof loaded === "object" && loaded !== null && typeof Reflect.get(loaded, name) === "function";
