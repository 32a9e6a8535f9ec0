/** Reads everything that the engine holds of a job type, page by page, and what it should not hold. For operators and tests. */
import { ask as askOf, connected, pagesOf, valueOf, type Entry } from "./asking.ts";
import type { Broker } from "./broker.ts";
import { delayedParts, fieldOf, storyOf } from "./entry.ts";
import { group, released, type Keys } from "./keys.ts";
import { list, pairs, textOf, texts } from "./reply.ts";
import { script } from "./script.ts";

export type Found =
  | { readonly at: "waiting" | "active" | "delayed"; readonly id: string; readonly payload: string }
  | { readonly at: "dead"; readonly id: string; readonly payload: string; readonly letter: Letter }
  /** The broker's own count of that place. */
  | { readonly count: number; readonly of: "waiting" | "active" | "delayed" | "dead" }
  | { readonly leftover: string; readonly count: number };

/** A dead letter. Times are ms since 1970 by the broker's clock; `worker` is the incarnation that failed last. */
export interface Letter {
  readonly origin: string;
  readonly attempts: number;
  readonly firstError: string;
  readonly lastError: string;
  readonly enqueuedAt: number;
  readonly failedAt: number;
  readonly worker: string;
}

const page = 500;

const depth = script("depth");

/** @throws Error when the broker cannot be asked */
export async function depthOf(broker: Broker, keys: Keys): Promise<number> {
  await connected(broker);
  return Number(valueOf(await broker.run(depth, [keys.jobs, keys.delayed], []), "the depth"));
}

/** @throws Error when the broker cannot be asked */
export async function* inspect(broker: Broker, keys: Keys, prefix: string): AsyncIterable<Found> {
  const ask = (name: string, ...args: readonly (string | number)[]): Promise<unknown> => askOf(broker, name, ...args);

  await connected(broker);
  const hasGroup = list(
    await ask("EXISTS", keys.jobs).then((there) => (there === 1 ? ask("XINFO", "GROUPS", keys.jobs) : [])),
  )
    .map(pairs)
    .find((info) => info.get("name") === group);
  const pending = await pendingEntries();
  const records = new Set(texts(await ask("HKEYS", keys.suspects)));
  const length = Number(await ask("XLEN", keys.jobs));
  const lastDelivered = hasGroup?.get("last-delivered-id") ?? "0-0";

  const seen = new Set<string>();
  const stranded: string[] = [];
  for await (const [entry, fields] of stream(keys.jobs)) {
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

  for (let cursor = "0"; ;) {
    const [next, members] = list(await ask("ZSCAN", keys.delayed, cursor, "COUNT", page));
    for (const [member] of pairs(members)) {
      const { meta, payload } = delayedParts(member);
      yield { at: "delayed", id: storyOf({ meta }).id, payload };
    }
    cursor = textOf(next);
    if (cursor === "0") break;
  }
  yield { count: Number(await ask("ZCARD", keys.delayed)), of: "delayed" };

  for await (const [, fields] of stream(keys.dead)) {
    yield {
      at: "dead",
      id: fieldOf(fields, "job") ?? "",
      payload: fieldOf(fields, "payload") ?? "",
      letter: letterOf(fields),
    };
  }
  yield { count: Number(await ask("XLEN", keys.dead)), of: "dead" };

  yield { leftover: "settlement records of no known worker", count: await strayRecords() };
  yield { leftover: "records of suspects that are no more", count: records.size };
  yield { leftover: "keys that the engine does not use", count: await strayKeys() };

  async function pendingEntries(): Promise<Set<string>> {
    const entries = new Set<string>();
    if (hasGroup === undefined) return entries;
    for (let from = "-"; ;) {
      const rows = list(await ask("XPENDING", keys.jobs, group, from, "+", page)).map((row) => textOf(list(row)[0]));
      for (const row of rows) entries.add(row);
      const last = rows.at(-1);
      if (rows.length < page || last === undefined) return entries;
      from = `(${last}`;
    }
  }

  async function* stream(key: string): AsyncIterable<Entry> {
    for await (const entries of pagesOf(broker, key, { page })) yield* entries;
  }

  /** A dead worker's record goes with its consumer; what has no consumer any more will never be looked at again. */
  async function strayRecords(): Promise<number> {
    const records = texts(await ask("HKEYS", keys.settled));
    if (records.length === 0) return 0;
    const workers = new Set(texts(await ask("HKEYS", keys.workers)));
    const consumers = new Set(
      hasGroup === undefined
        ? []
        : list(await ask("XINFO", "CONSUMERS", keys.jobs, group)).map((info) => pairs(info).get("name")),
    );
    return records.filter((name) => name !== released && !workers.has(name) && !consumers.has(name)).length;
  }

  async function strayKeys(): Promise<number> {
    const known = new Set<string>(Object.values(keys));
    let strays = 0;
    for (let cursor = "0"; ;) {
      const [next, names] = list(await ask("SCAN", cursor, "MATCH", `${prefix}*`, "COUNT", page));
      strays += texts(names).filter((name) => !known.has(name)).length;
      cursor = textOf(next);
      if (cursor === "0") return strays;
    }
  }
}

export function letterOf(fields: readonly string[]): Letter {
  const field = (name: string): string => fieldOf(fields, name) ?? "";
  return {
    origin: field("origin"),
    attempts: Number(field("attempts")),
    firstError: field("firstError"),
    lastError: field("lastError"),
    enqueuedAt: Number(field("enqueuedAt")),
    failedAt: Number(field("failedAt")),
    worker: field("worker"),
  };
}

function isAfter(a: string, b: string): boolean {
  const [aMs, aSeq] = a.split("-", 2).map(Number);
  const [bMs, bSeq] = b.split("-", 2).map(Number);
  return aMs === bMs ? Number(aSeq) > Number(bSeq) : Number(aMs) > Number(bMs);
}
