/**
 * Dead letters stay for ever, unless a worker is told for how long or how many; then it removes the oldest, and says
 * how many it did.
 */
import type { Broker } from "./redis/broker.ts";
import { stepBytesMax } from "./redis/bounds.ts";
import { repeat, sleeper } from "./std/clock.ts";
import type { DeadKeys } from "./redis/keys.ts";
import { callback, milliseconds, optional, whole } from "./options.ts";
import { between } from "./std/random.ts";
import { list } from "./redis/reply.ts";
import { script } from "./redis/script.ts";
import { guarded } from "./std/guarded.ts";

export interface Retention {
  /** So many may stay, the newest; each shard keeps its share of them. */
  readonly countMax?: number;
  /** For so long may they stay, by the broker's clock. */
  readonly ageMsMax?: number;
  /** Told how many were removed, whenever some were. A removal whose answer is lost is not told. */
  readonly removed?: (count: number) => void;
}

export const retentionKinds = {
  countMax: optional(whole(0)),
  ageMsMax: optional(milliseconds(0)),
  removed: optional(callback<NonNullable<Retention["removed"]>>()),
};

const trim = script("trim");
/** A script keeps everybody else waiting. */
const page = 100;

const everyMs = 1000;

/** Removes what is too much, until `stop`. */
export async function retain(
  shards: readonly { readonly broker: Broker; readonly keys: DeadKeys }[],
  { countMax, ageMsMax, removed }: Retention,
  { stop, failed }: { readonly stop: AbortSignal; readonly failed: (error: unknown) => void },
): Promise<void> {
  const tell = guarded(removed, failed);
  const share = countMax === undefined ? "" : Math.ceil(countMax / shards.length);
  const bounds = [share, ageMsMax === undefined ? "" : Math.ceil(ageMsMax), page, stepBytesMax];
  await Promise.all(
    shards.map(({ broker, keys: { dead, known, knownBefore } }) =>
      repeat(
        async () => {
          const answer = await broker.run(trim, [dead, known, knownBefore], bounds);
          if (answer.kind === "error") throw new Error(answer.message);
          const [gone = 0, more = 0] = answer.kind === "answer" ? list(answer.value).map(Number) : [];
          if (gone > 0) tell(gone);
          return more === 1 ? 0 : everyMs * between(0.8, 1);
        },
        { stop, bed: sleeper(), failed },
      ),
    ),
  );
}
