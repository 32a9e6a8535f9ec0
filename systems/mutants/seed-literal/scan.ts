/** What the sketch holds: the stream does not tell what is settled from what is not, so the group is asked. */
import type { Redis } from "ioredis";
import type { Place } from "../../contract.ts";
import { entryOf, group, listOf, pairsOf, type SketchKeys } from "./keys.ts";

const page = 500;

// long: the sketch, place by place
export async function* scan(redis: Redis, { jobs, dlq, delayed }: SketchKeys): AsyncIterable<Place> {
  const groups = (await redis.exists(jobs)) === 1 ? listOf(await redis.xinfo("GROUPS", jobs)).map(pairsOf) : [];
  const info = groups.find((one) => one.get("name") === group);
  const length = await redis.xlen(jobs);
  const active = info === undefined ? [] : await pending();
  for (let at = 0; at < active.length; at += page) {
    const entries = await Promise.all(active.slice(at, at + page).map((id) => redis.xrange(jobs, id, id)));
    for (const entry of entries.flat()) yield { at: "active", payload: payloadOf(entry) };
  }
  let waiting = 0;
  for await (const entry of stream(jobs, `(${info?.get("last-delivered-id") ?? "0-0"}`)) {
    waiting++;
    yield { at: "waiting", payload: payloadOf(entry) };
  }
  // How many wait is a number that the store forgets when it starts again, so only the pages tell.
  yield { cardinality: "active", count: Number(info?.get("pending") ?? 0) };
  const settled = length - active.length - waiting;
  if (settled > 0) yield { leftover: "acknowledged entries that nobody removes", count: settled };

  for (let cursor = "0"; ;) {
    const [next, members] = await redis.zscan(delayed, cursor, "COUNT", page);
    for (let at = 0; at < members.length; at += 2) {
      const message: { readonly payload: string } = JSON.parse(members[at] ?? "");
      yield { at: "delayed", payload: message.payload };
    }
    cursor = next;
    if (cursor === "0") break;
  }
  yield { cardinality: "delayed", count: await redis.zcard(delayed) };

  for await (const entry of stream(dlq, "-")) {
    const { fields } = entryOf(entry);
    const field = (name: string): string => fields.get(name) ?? "";
    yield {
      at: "dead",
      payload: field("payload"),
      entry: {
        origin: field("original_stream"),
        lastError: field("error"),
        failedAt: Number(field("failed_at")) * 1000,
      },
    };
  }
  yield { cardinality: "dead", count: await redis.xlen(dlq) };

  async function pending(): Promise<readonly string[]> {
    const ids: string[] = [];
    for (let from = "-"; ;) {
      const rows = listOf(await redis.xpending(jobs, group, from, "+", page)).map((row) => String(listOf(row)[0]));
      ids.push(...rows);
      if (rows.length < page) return ids;
      from = `(${rows.at(-1)}`;
    }
  }

  async function* stream(key: string, from: string): AsyncIterable<unknown> {
    for (let start = from; ;) {
      const entries = await redis.xrange(key, start, "+", "COUNT", page);
      yield* entries;
      const last = entries.at(-1);
      if (entries.length < page || last === undefined) return;
      start = `(${last[0]}`;
    }
  }
}

const payloadOf = (entry: unknown): string => entryOf(entry).fields.get("payload") ?? "";
