/** Broken: jobs of one group run one after the other, and the one that a dead worker had is never over. */
import { readFileSync } from "node:fs";
import { openBroker } from "../../engine/redis/broker.ts";
import type { PendingEntry } from "../../engine/redis/entry.ts";
import { group, keysOf, released } from "../../engine/redis/keys.ts";
import { list, textOf, texts } from "../../engine/redis/reply.ts";
import { scriptOf } from "../../engine/redis/script.ts";
import { scripts, stepsOn, type Steps, type Tools } from "../../engine/redis/steps.ts";
import type { Connection, Mutant, Place } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { keyBeside } from "./beside.ts";
import { patched } from "./patched.ts";

/** Holds what waits for its group, as the engine's own consumers hold what was handed back. */
const blocked = "~blocked";

const groupOf = readFileSync(new URL("group-of.lua", import.meta.url), "utf8");
const admit = scriptOf(
  readFileSync(new URL("admit.lua", import.meta.url), "utf8").replace("-- USES  group-of\n", groupOf),
);
const setAside = scriptOf(readFileSync(new URL("set-aside.lua", import.meta.url), "utf8"));

/** The same settlement, after which the job's group is idle. */
const settle = patched(scripts.settle, {
  "-- Everything the consumer owns between": `${groupOf}\n-- Everything the consumer owns between`,
  "if #owned > 0 then": `for _, id in ipairs(owned) do
  local its, groups = group_of(jobs, id), string.gsub(jobs, '{.*$', 'groups')
  if its and redis.call('HGET', groups, its) == id then redis.call('HDEL', groups, its) end
end
if #owned > 0 then`,
});

function stepsOf(tools: Tools): Steps {
  const steps = stepsOn(tools, { ...scripts, settle });
  const { commands, keys } = tools;

  /** Undefined where no answer came. */
  async function admitted(
    taker: string,
    from: string,
    limit: number,
    entries: readonly string[],
  ): Promise<readonly PendingEntry[] | undefined> {
    if (entries.length === 0) return [];
    const which = [group, taker, from, blocked, limit, ...entries];
    const answer = await commands.run(admit, [keys.jobs, keyBeside(keys, "groups")], which);
    return answer.kind === "answer" ? list(answer.value).map(heldOf) : undefined;
  }
  const own = (consumer: string, held: readonly PendingEntry[]): Promise<readonly PendingEntry[] | undefined> =>
    admitted(
      consumer,
      consumer,
      held.length,
      held.map(({ entry }) => entry),
    );

  return {
    ...steps,
    async read(consumer, ...how) {
      const read = await steps.read(consumer, ...how);
      return read && (await own(consumer, read));
    },
    async recover(consumer, from) {
      const page = await steps.recover(consumer, from);
      const entries = page && (await own(consumer, page.entries));
      return entries && page && { ...page, entries };
    },
    async claim(taker, from, limit) {
      // The dead keep what they had: who is to strike it from the list is dead.
      if (from !== released && from !== blocked) return { state: "gone", entries: [] };
      const owned = await steps.owned(from, "-");
      const entries = owned && (await admitted(taker, from, limit, owned.entries));
      return entries && { state: "gone", entries };
    },
  };
}

/** [id, deliveries, [field, value, ...]] */
function heldOf(entry: unknown): PendingEntry {
  const [id, deliveries, fields] = list(entry);
  const [, meta, , payload] = list(fields);
  return { entry: textOf(id), deliveries: Number(deliveries), meta: textOf(meta), payload: textOf(payload) };
}

const system = streamSystem(
  "The reference engine, except that its jobs belong to groups, of each of which one runs at a time, and that a worker which dies leaves its jobs on the lists of what runs. They are never taken over, and whatever else is of their groups waits behind them for ever.",
  stepsOf,
);

/** What waits for its group is in nobody's hands, whoever the store says that it is kept by. */
async function* waitingBehind(
  connection: Connection,
  behind: () => Promise<ReadonlySet<string>>,
): AsyncIterable<Place> {
  const payloads = await behind();
  for await (const place of connection.scan()) {
    if ("at" in place && place.at === "active" && payloads.has(place.payload)) yield { ...place, at: "waiting" };
    else if ("cardinality" in place && place.cardinality === "active")
      yield { ...place, count: place.count - payloads.size };
    else if ("cardinality" in place && place.cardinality === "waiting")
      yield { ...place, count: place.count + payloads.size };
    else yield place;
  }
}

export default {
  ...system,
  async connect(context, config) {
    const connection = await system.connect(context, config);
    const broker = openBroker({ to: context.links.commands, name: `${context.name}:behind` }, () => {});
    const { jobs } = keysOf(context.namespace, "job");
    return {
      ...connection,
      scan: () =>
        waitingBehind(connection, async () => {
          await broker.whenReady();
          const answer = await broker.run(setAside, [jobs], [group, blocked]);
          if (answer.kind !== "answer") throw new Error(answer.message);
          return new Set(texts(answer.value));
        }),
      async [Symbol.asyncDispose]() {
        broker.close();
        await connection[Symbol.asyncDispose]();
      },
    };
  },
  killedBy: "recovery-bound",
  under: "crashes",
  alsoUnder: ["day"],
  // Those that wait behind were in nobody's hands.
  related: ["drained"],
} satisfies Mutant<StreamConfig>;
