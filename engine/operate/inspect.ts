/**
 * Reads everything that the engine holds of a job type, page by page, and what it should not hold. For operators and
 * tests.
 */
import { ask, connected, delayedPagesOf, pagesOf, valueOf, type Entry } from "../redis/asking.ts";
import type { Broker } from "../redis/broker.ts";
import { delayedParts, fieldOf, storyOf } from "../redis/entry.ts";
import { group, released, type Keys } from "../redis/keys.ts";
import { list, pairs, textOf, texts } from "../redis/reply.ts";
import { script } from "../redis/script.ts";

export type Found =
  | { readonly at: "waiting" | "active" | "delayed"; readonly id: string; readonly payload: string }
  | { readonly at: "dead"; readonly id: string; readonly payload: string; readonly letter: Letter }
  /** The broker's own count of that place. */
  | Count
  | { readonly leftover: string; readonly count: number };

interface Count {
  readonly of: "waiting" | "active" | "delayed" | "dead";
  readonly count: number;
}

/**
 * A dead letter. Times are ms since 1970 by the broker's clock; `worker` is the incarnation that failed last. An error
 * is told by name, code and message, its causes and inner errors below it, in 2,000 characters at most.
 */
export interface Letter {
  readonly origin: string;
  readonly attempts: number;
  readonly firstError: string;
  readonly lastError: string;
  readonly enqueuedAt: number;
  readonly failedAt: number;
  readonly worker: string;
  /** Some lines of the last error's stack; "" where it had none. */
  readonly stack: string;
  /** Left out where its job type has none. */
  readonly priority?: string;
  /** Under which its caller enqueued it. */
  readonly key?: string;
}

const page = 500;

const depth = script("depth");

/** @throws Error when the broker cannot be asked */
export async function depthOf(broker: Broker, keys: Keys): Promise<number> {
  await connected(broker);
  return Number(valueOf(await broker.run(depth, [keys.jobs, keys.delayed], []), "the depth"));
}

/** The parts of a shard, its dead letters, and how all of its keys begin. */
export interface ShardKeys {
  readonly broker: Broker;
  readonly prefix: string;
  readonly parts: readonly Keys[];
}

/** @throws Error when the broker cannot be asked */
export async function* inspect(shards: readonly ShardKeys[]): AsyncIterable<Found> {
  const counts = new Map<Count["of"], number>();
  const leftovers = new Map<string, number>();
  for (const shard of shards) {
    for await (const found of inspectShard(shard)) {
      if ("at" in found) yield found;
      else if ("of" in found) counts.set(found.of, (counts.get(found.of) ?? 0) + found.count);
      else leftovers.set(found.leftover, (leftovers.get(found.leftover) ?? 0) + found.count);
    }
  }
  for (const [of, count] of counts) yield { of, count };
  for (const [leftover, count] of leftovers) yield { leftover, count };
}

async function* inspectShard({ broker, prefix, parts }: ShardKeys): AsyncIterable<Found> {
  await connected(broker);
  for (const keys of parts) yield* inspectPart(broker, keys);
  for (const dead of new Set(parts.map((keys) => keys.dead))) {
    for await (const [, fields] of streamOf(broker, dead)) {
      yield {
        at: "dead",
        id: fieldOf(fields, "job") ?? "",
        payload: fieldOf(fields, "payload") ?? "",
        letter: letterOf(fields),
      };
    }
    yield { count: Number(await ask(broker, "XLEN", dead)), of: "dead" };
  }
  yield { leftover: "keys that the engine does not use", count: await strayKeys(broker, prefix, parts) };
}

async function* streamOf(broker: Broker, key: string): AsyncIterable<Entry> {
  for await (const entries of pagesOf(broker, key)) yield* entries;
}

async function strayKeys(broker: Broker, prefix: string, parts: readonly Keys[]): Promise<number> {
  const known = new Set<string>(parts.flatMap((keys) => Object.values(keys)));
  let strays = 0;
  for (let cursor = "0"; ;) {
    const [next, names] = list(await ask(broker, "SCAN", cursor, "MATCH", `${prefix}*`, "COUNT", page));
    strays += texts(names).filter((name) => !known.has(name)).length;
    cursor = textOf(next);
    if (cursor === "0") return strays;
  }
}

async function* inspectPart(broker: Broker, keys: Keys): AsyncIterable<Found> {
  const groupInfo = await groupInfoOf(broker, keys);
  const pending = groupInfo === undefined ? new Set<string>() : await pendingEntries(broker, keys);
  const records = new Set(texts(await ask(broker, "HKEYS", keys.suspects)));
  const length = Number(await ask(broker, "XLEN", keys.jobs));
  const lastDelivered = groupInfo?.get("last-delivered-id") ?? "0-0";

  const seen = new Set<string>();
  const stranded: string[] = [];
  for await (const [entry, fields] of streamOf(broker, keys.jobs)) {
    const payload = fieldOf(fields, "p") ?? "";
    const { id } = storyOf({ meta: fieldOf(fields, "m") ?? "" });
    records.delete(entry);
    const active = pending.has(entry);
    if (active) seen.add(entry);
    else if (!isAfter(entry, lastDelivered)) stranded.push(entry);
    yield { at: active ? "active" : "waiting", id, payload };
  }
  const orphans = [...pending].filter((entry) => !seen.has(entry)).length;
  yield { count: pending.size - orphans, of: "active" };
  yield { count: length - (pending.size - orphans), of: "waiting" };
  yield { leftover: "pending entries without a job", count: orphans };
  yield { leftover: "jobs that were delivered, not settled, and are in no worker's hands", count: stranded.length };

  yield* inspectDelayed(broker, keys);

  const strays = await strayRecords(broker, keys, groupInfo !== undefined);
  yield { leftover: "settlement records of no known worker", count: strays };
  yield { leftover: "records of suspects that are no more", count: records.size };
}

async function* inspectDelayed(broker: Broker, { delayed }: Keys): AsyncIterable<Found> {
  for await (const members of delayedPagesOf(broker, delayed, { payloads: true }))
    for (const member of members) {
      const { meta, payload } = delayedParts(member);
      yield { at: "delayed", id: storyOf({ meta }).id, payload };
    }
  yield { count: Number(await ask(broker, "ZCARD", delayed)), of: "delayed" };
}

/** Undefined where no worker has been yet. */
async function groupInfoOf(broker: Broker, { jobs }: Keys): Promise<ReadonlyMap<string, string> | undefined> {
  if ((await ask(broker, "EXISTS", jobs)) !== 1) return undefined;
  const groups = list(await ask(broker, "XINFO", "GROUPS", jobs)).map(pairs);
  return groups.find((info) => info.get("name") === group);
}

async function pendingEntries(broker: Broker, { jobs }: Keys): Promise<ReadonlySet<string>> {
  const entries = new Set<string>();
  for (let from = "-"; ;) {
    const rows = list(await ask(broker, "XPENDING", jobs, group, from, "+", page)).map((row) => textOf(list(row)[0]));
    for (const row of rows) entries.add(row);
    const last = rows.at(-1);
    if (rows.length < page || last === undefined) return entries;
    from = `(${last}`;
  }
}

/** A dead worker's record goes with its consumer; what has no consumer any more will never be looked at again. */
async function strayRecords(broker: Broker, { jobs, settled, workers }: Keys, hasGroup: boolean): Promise<number> {
  const records = texts(await ask(broker, "HKEYS", settled));
  if (records.length === 0) return 0;
  const members = new Set(texts(await ask(broker, "HKEYS", workers)));
  const infos = hasGroup ? list(await ask(broker, "XINFO", "CONSUMERS", jobs, group)).map(pairs) : [];
  const consumers = new Set(infos.map((info) => info.get("name")));
  return records.filter((name) => name !== released && !members.has(name) && !consumers.has(name)).length;
}

export function letterOf(fields: readonly string[]): Letter {
  const field = (name: string): string => fieldOf(fields, name) ?? "";
  const priority = field("priority");
  const key = field("key");
  return {
    origin: field("origin"),
    attempts: Number(field("attempts")),
    firstError: field("firstError"),
    lastError: field("lastError"),
    enqueuedAt: Number(field("enqueuedAt")),
    failedAt: Number(field("failedAt")),
    worker: field("worker"),
    stack: field("stack"),
    ...(priority !== "" && { priority }),
    ...(key !== "" && { key }),
  };
}

function isAfter(a: string, b: string): boolean {
  const [aMs, aSeq] = a.split("-", 2).map(Number);
  const [bMs, bSeq] = b.split("-", 2).map(Number);
  return aMs === bMs ? Number(aSeq) > Number(bSeq) : Number(aMs) > Number(bMs);
}
