/**
 * Everything that a BullMQ queue still holds, read from its keys and not through its getters: those skip what they
 * cannot parse, and change with its versions. The keys are the same in 5 and 6:
 *
 *   <prefix>:<name>:   wait paused active          lists of ids       stalled      set of ids, active at the last look
 *                      prioritized delayed failed  sorted sets        <id>         hash: data, atm, failedReason, ...
 *                      completed                   sorted set, kept   <id>:lock    the owner's token, expires
 */
import type { Redis } from "ioredis";
import type { DeadEntry, Place } from "../contract.ts";
import type { PlaceName } from "../../history/record.ts";
import type { QueueAddress, RedisClass } from "./load.ts";

const pageSize = 1_000;
const commandTimeoutMs = 30_000;

const structures = [
  { key: "wait", type: "list", at: "waiting" },
  { key: "paused", type: "list", at: "waiting" },
  { key: "prioritized", type: "sorted set", at: "waiting" },
  { key: "active", type: "list", at: "active" },
  { key: "delayed", type: "sorted set", at: "delayed" },
  { key: "failed", type: "sorted set", at: "dead" },
] as const satisfies readonly { key: string; type: "list" | "sorted set"; at: PlaceName }[];
type Structure = (typeof structures)[number] | { readonly key: "completed"; readonly type: "sorted set" };

/** Its own keys beside the jobs; they are part of a queue that is at rest. */
const furniture = new Set<string>([
  ...structures.map(({ key }) => key),
  "completed",
  "stalled",
  "stalled-check",
  "meta",
  "id",
  "events",
  "marker",
  "pc",
  "limiter",
]);

const fields = ["data", "atm", "failedReason", "stacktrace", "timestamp", "finishedOn", "pb"] as const;
type Fields = readonly (string | null | undefined)[];

/** On a connection of its own. @throws when Redis does not answer in time */
export async function* scan(RedisClient: RedisClass, { name, prefix, address }: QueueAddress): AsyncIterable<Place> {
  const redis = new RedisClient({ host: address.host, port: address.port, commandTimeout: commandTimeoutMs });
  redis.on("error", () => {}); // the command reports it
  try {
    yield* places(redis, `${prefix}:${name}:`);
  } finally {
    redis.disconnect();
  }
}

async function* places(redis: Redis, root: string): AsyncIterable<Place> {
  const held = new Set<string>();
  const active = new Set<string>();
  let withoutJob = 0;
  const cardinalities: Record<PlaceName, number> = { waiting: 0, active: 0, delayed: 0, dead: 0 };
  for (const structure of structures) {
    cardinalities[structure.at] += await sizeOf(redis, root, structure);
    for await (const ids of pages(redis, root, structure)) {
      const jobs = await read(redis, root, ids);
      for (const [index, id] of ids.entries()) {
        held.add(id);
        if (structure.at === "active") active.add(id);
        const payload = payloadOf(jobs[index]?.[0]);
        if (payload === undefined) withoutJob++;
        else if (structure.at === "dead") yield { at: "dead", payload, entry: entryOf(root, jobs[index] ?? []) };
        else yield { at: structure.at, payload };
      }
    }
  }
  for (const at of ["waiting", "active", "delayed", "dead"] as const)
    yield { cardinality: at, count: cardinalities[at] };
  for await (const ids of pages(redis, root, { key: "completed", type: "sorted set" }))
    for (const id of ids) held.add(id);
  const leftovers = { "ids without a job": withoutJob, ...(await strays(redis, root, held, active)) };
  for (const [leftover, count] of Object.entries(leftovers)) if (count > 0) yield { leftover, count };
}

const sizeOf = (redis: Redis, root: string, { key, type }: Structure): Promise<number> =>
  type === "list" ? redis.llen(root + key) : redis.zcard(root + key);

async function* pages(redis: Redis, root: string, { key, type }: Structure): AsyncIterable<readonly string[]> {
  for (let from = 0; ; from += pageSize) {
    const to = from + pageSize - 1;
    const ids =
      type === "list" ? await redis.lrange(root + key, from, to) : await redis.zrange(root + key, from, String(to));
    if (ids.length > 0) yield ids;
    if (ids.length < pageSize) return;
  }
}

async function read(redis: Redis, root: string, ids: readonly string[]): Promise<readonly Fields[]> {
  return Promise.all(ids.map((id) => redis.hmget(root + id, ...fields)));
}

/** What no structure leads to. Only a repair by hand would ever find these. */
async function strays(
  redis: Redis,
  root: string,
  held: ReadonlySet<string>,
  active: ReadonlySet<string>,
): Promise<Readonly<Record<string, number>>> {
  const counts = {
    "jobs in no list": 0,
    "locks of jobs that are not active": 0,
    "stalled marks of jobs that are not active": 0,
  };
  const seen = new Set<string>(); // SCAN may return a key twice
  let cursor = "0";
  do {
    const [next, keys] = await redis.scan(cursor, "MATCH", `${globEscaped(root)}*`, "COUNT", pageSize);
    cursor = next;
    for (const key of keys.map((whole) => whole.slice(root.length))) {
      if (furniture.has(key) || seen.has(key)) continue;
      seen.add(key);
      if (key.endsWith(":lock"))
        counts["locks of jobs that are not active"] += active.has(key.slice(0, -":lock".length)) ? 0 : 1;
      else if (!key.includes(":")) counts["jobs in no list"] += held.has(key) ? 0 : 1;
    }
  } while (cursor !== "0");
  for (const id of await redis.smembers(`${root}stalled`))
    counts["stalled marks of jobs that are not active"] += active.has(id) ? 0 : 1;
  return counts;
}

const globEscaped = (text: string): string => text.replace(/[[\]*?\\]/g, String.raw`\$&`);

/** The data is the payload as a JSON text. */
function payloadOf(data: string | null | undefined): string | undefined {
  if (data === null || data === undefined) return undefined;
  const parsed: unknown = JSON.parse(data);
  return typeof parsed === "string" ? parsed : data;
}

function entryOf(root: string, [, attempts, lastError, stacktrace, enqueuedAt, failedAt, worker]: Fields): DeadEntry {
  const firstError = firstErrorOf(stacktrace);
  return {
    origin: root.slice(0, -1),
    ...(attempts ? { attempts: Number(attempts) } : {}),
    ...(firstError === undefined ? {} : { firstError }),
    ...(lastError ? { lastError } : {}),
    ...(enqueuedAt ? { enqueuedAt: Number(enqueuedAt) } : {}),
    ...(failedAt ? { failedAt: Number(failedAt) } : {}),
    ...(worker ? { worker } : {}),
  };
}

/** The message of the oldest stack: what stands before its first frame, without the class of the error. */
function firstErrorOf(stacktrace: string | null | undefined): string | undefined {
  const stacks: unknown = JSON.parse(stacktrace || "[]");
  const oldest: unknown = Array.isArray(stacks) ? stacks[0] : undefined;
  return typeof oldest === "string" ? oldest.replace(/\n {4}at [\s\S]*$/, "").replace(/^\w*Error: /, "") : undefined;
}
