/** Broken: an enqueue takes its key first, and writes its job then, which who dies in between never does. */
import { stepsOn } from "../../engine/redis/steps.ts";
import type { Job, Mutant, Receipt } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { withoutKey, withOwnKeys, type OwnKeys } from "./own-keys.ts";

const system = streamSystem(
  "The reference engine, except that a caller's key is taken first and its job written afterwards. Of a caller who dies in between, or is not told that the key is his, the job is never written, and everybody who sends it again is told that it is there.",
  stepsOn,
);

type Enqueue = (jobs: readonly Job[]) => Promise<readonly Receipt[]>;

let given = 0;

const takingFirst = (write: Enqueue, name: string) => async (jobs: readonly Job[], keys: OwnKeys) => {
  const ids = jobs.map(() => `${name}-${given++}`);
  const taken = await Promise.all(
    jobs.map(async ({ key = "" }, index) => (await keys.ask("HSETNX", key, ids[index] ?? "")) === 1),
  );
  const written = await write(jobs.filter((_, index) => taken[index]).map(withoutKey));
  const receipts = written.values();
  return Promise.all(
    jobs.map(async ({ key = "" }, index): Promise<Receipt> => {
      if (taken[index] !== true) return { outcome: "ok", id: String(await keys.ask("HGET", key)), duplicate: true };
      const receipt = receipts.next().value ?? { outcome: "unknown", why: "no receipt" };
      return receipt.outcome === "ok" ? { ...receipt, id: ids[index] ?? "" } : receipt;
    }),
  );
};

export default {
  ...system,
  async connect(context, config) {
    const connection = await system.connect(context, config);
    return withOwnKeys(context, connection, takingFirst(connection.enqueue, context.name));
  },
  killedBy: "deduplicated",
  under: "keys",
  hiddenUnder: { day: "none of its jobs has a key of its caller's" },
  related: [],
} satisfies Mutant<StreamConfig>;
