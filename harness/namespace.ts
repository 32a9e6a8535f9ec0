/**
 * A run's own part of the store. Its name is given to no other run, so that two on one store, or the same seed twice,
 * never meet; it is seen to be empty before the load, and emptied again where the store outlives the run.
 */
import { randomUUID } from "node:crypto";
import type { Journal } from "../history/journal-file.ts";
import { ForeignError } from "../std/entrusted.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import type { Connection } from "../systems/contract.ts";
import { textOf } from "./environment/address.ts";
import type { RedisEndpoint } from "./environment/any-redis.ts";
import { markKeys, removeKeys } from "./environment/keys.ts";
import { ownMark } from "../std/mark.ts";

export interface Namespace {
  /** What all keys begin with. */
  readonly name: string;
  /** The store was started by the run, and ends with it. */
  readonly ownStore: boolean;
}

/**
 * @param scope at its end the keys are removed, if that is needed
 * @param told of keys that could not be removed
 */
export async function claimNamespace(
  seed: string,
  { store, address }: Pick<RedisEndpoint, "store" | "address">,
  journal: Journal,
  scope: AsyncDisposableStack,
  told: (line: string) => void,
): Promise<Namespace> {
  const name = `whitewater-${seed}-${randomUUID().slice(0, 8)}`;
  const ownStore = store !== undefined;
  if (ownStore) return { name, ownStore };
  const { host, port } = address;
  journal.write({ type: "namespace", name, store: { host, port } });
  scope.defer(async () => {
    await removeKeys(address, name).catch((thrown: unknown) =>
      told(`The keys ${name}* could not be removed from ${textOf(address)}: ${messageOf(thrown)}`),
    );
  });
  await markKeys(address, name, ownMark());
  return { name, ownStore };
}

/** Kinds of finds that are named. */
const namedMax = 3;

/** @throws UserError when the adapter shows anything, ForeignError when it cannot look */
export async function expectEmpty(
  connection: Pick<Connection, "scan">,
  { name, ownStore }: Namespace,
  system: string,
): Promise<void> {
  const found = await finds(connection).catch((thrown: unknown) => {
    // Some cannot look at what was never written to: that this store is empty is known all the same.
    if (ownStore && thrown instanceof ForeignError && thrown.how === "threw") return [];
    throw thrown;
  });
  if (found.length === 0) return;
  throw new UserError(
    `system "${system}" shows something before anything was enqueued (${found.join(", ")}), under the namespace ${name}, ` +
      "which was never used before: its adapter has to keep to `namespace` of its context in whatever it writes and scans",
  );
}

async function finds(connection: Pick<Connection, "scan">): Promise<readonly string[]> {
  const found = new Set<string>();
  for await (const place of connection.scan()) {
    if ("at" in place) found.add(`jobs that are ${place.at}`);
    else if (place.count > 0)
      found.add(
        "leftover" in place
          ? `${place.count} × ${place.leftover}`
          : `${place.count} jobs that are ${place.cardinality}`,
      );
    if (found.size >= namedMax) break;
  }
  return [...found];
}
