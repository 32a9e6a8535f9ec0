/**
 * Where one job is. No index is kept for it: every place is read through, without the payloads and in short steps, so
 * that whoever enqueues meanwhile waits for one of them. In all it takes as long as the queue is deep.
 */
import { connected, delayedPagesOf, pagesOf } from "../redis/asking.ts";
import type { Broker } from "../redis/broker.ts";
import { delayedParts, fieldOf, storyOf } from "../redis/entry.ts";
import type { ShardKeys } from "./inspect.ts";
import { group, type Keys } from "../redis/keys.ts";
import { list } from "../redis/reply.ts";

export type Whereabouts = "waiting" | "active" | "delayed" | "dead";

/** A job that moved on may be missed by the first look at all places, and is found by the second. */
const looks = 2;

/** @returns undefined for a job that is not held: it is done, or was never there */
export async function whereabouts(shards: readonly ShardKeys[], id: string): Promise<Whereabouts | undefined> {
  for (let look = 0; look < looks; look++)
    for (const shard of shards) {
      const found = await inShard(shard, id);
      if (found !== undefined) return found;
    }
  return undefined;
}

async function inShard({ broker, parts }: ShardKeys, id: string): Promise<Whereabouts | undefined> {
  await connected(broker);
  for (const keys of parts) {
    const found = await inPart(broker, keys, id);
    if (found !== undefined) return found;
  }
  for (const dead of new Set(parts.map((keys) => keys.dead)))
    for await (const letters of pagesOf(broker, dead, { without: "payload" }))
      if (letters.some(([, fields]) => fieldOf(fields, "job") === id)) return "dead";
  return undefined;
}

async function inPart(broker: Broker, { jobs, delayed }: Keys, id: string): Promise<Whereabouts | undefined> {
  const isIt = (meta: string): boolean => storyOf({ meta }).id === id;
  for await (const entries of pagesOf(broker, jobs, { without: "p" })) {
    const found = entries.find(([, fields]) => isIt(fieldOf(fields, "m") ?? ""));
    if (found === undefined) continue;
    // Where the group itself is gone, nobody has it.
    const pending = await broker.command("XPENDING", jobs, group, found[0], found[0], 1);
    return pending.kind === "answer" && list(pending.value).length > 0 ? "active" : "waiting";
  }
  for await (const members of delayedPagesOf(broker, delayed, { payloads: false }))
    if (members.some((member) => isIt(delayedParts(member).meta))) return "delayed";
  return undefined;
}
