/** Dead letters stay for ever, unless a worker is told for how long or how many; then it removes the oldest, and says how many it did. */
import type { Broker } from "./broker.ts";
import { stepBytesMax } from "./bounds.ts";
import { repeat, sleeper } from "./clock.ts";
import { between } from "./random.ts";
import { list } from "./reply.ts";
import { script } from "./script.ts";
import { guarded } from "./user-code.ts";

export interface Retention {
  /** So many may stay, the newest; each shard keeps its share of them. */
  readonly countMax?: number;
  /** For so long may they stay, by the broker's clock. */
  readonly ageMsMax?: number;
  /** Told how many were removed, whenever some were. A removal whose answer is lost is not told. */
  readonly removed?: (count: number) => void;
}

const trim = script("trim");
/** A script keeps everybody else waiting. */
const page = 100;

const everyMs = 1000;

/**
 * Removes what is too much, until `stop`.
 * @throws RangeError for bounds that are none
 */
export async function retain(
  shards: readonly { readonly broker: Broker; readonly dead: string }[],
  { countMax, ageMsMax, removed }: Retention,
  { stop, failed }: { readonly stop: AbortSignal; readonly failed: (error: unknown) => void },
): Promise<void> {
  if (countMax !== undefined && !(Number.isInteger(countMax) && countMax >= 0))
    throw new RangeError(`countMax of dead letters is a whole number from 0, not ${countMax}`);
  if (ageMsMax !== undefined && !(ageMsMax >= 0 && ageMsMax < Infinity))
    throw new RangeError(`ageMsMax of dead letters is a number of ms from 0, not ${ageMsMax}`);
  const tell = guarded(removed, failed);
  const share = countMax === undefined ? "" : Math.ceil(countMax / shards.length);
  const bounds = [share, ageMsMax === undefined ? "" : Math.ceil(ageMsMax), page, stepBytesMax];
  await Promise.all(
    shards.map(({ broker, dead }) =>
      repeat(
        async () => {
          const answer = await broker.run(trim, [dead], bounds);
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
