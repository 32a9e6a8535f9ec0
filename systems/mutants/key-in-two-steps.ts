/** Broken: an enqueue looks whether its key is known, and writes job and key afterwards. Two at once both write. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Job, Mutant, Receipt } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { withoutKey, withOwnKeys, type OwnKeys } from "./own-keys.ts";

const system = streamSystem(
  "The reference engine, except that a caller's key is looked up in one step, and its job and then the key are written in others. Of two callers who come at once both find it free; of one who was not answered nobody knows the key.",
  stepsOn,
);

type Enqueue = (jobs: readonly Job[]) => Promise<readonly Receipt[]>;

const lookingFirst = (write: Enqueue) => async (jobs: readonly Job[], keys: OwnKeys) => {
  const known: (string | undefined)[] = await Promise.all(
    jobs.map(async ({ key }) => (key === undefined ? undefined : textOf(await keys.ask("HGET", key)))),
  );
  const written = await write(jobs.filter((_, index) => known[index] === undefined).map(withoutKey));
  const receipts = written.values();
  const answers = known.map((id): Receipt => {
    if (id !== undefined) return { outcome: "ok", id, duplicate: true };
    return receipts.next().value ?? { outcome: "unknown", why: "no receipt" };
  });
  await Promise.all(
    answers.map(async (answer, index) => {
      const key = jobs[index]?.key;
      if (answer.outcome === "ok" && key !== undefined) await keys.ask("HSETNX", key, answer.id);
    }),
  );
  return answers;
};

const textOf = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

export default {
  ...system,
  async connect(context, config) {
    const connection = await system.connect(context, config);
    return withOwnKeys(context, connection, lookingFirst(connection.enqueue));
  },
  killedBy: "deduplicated",
  under: "keys",
  hiddenUnder: { day: "none of its jobs has a key of its caller's" },
  related: [],
} satisfies Mutant<StreamConfig>;
