/** What every Toxiproxy of a run has in common, wherever it came from. */
import { randomUUID } from "node:crypto";
import type { Address } from "../../chaos/contract.ts";
import { proxyControl } from "../../chaos/levers/proxy.ts";
import { UserError } from "../../std/user-error.ts";
import type { RedisEndpoint } from "./any-redis.ts";
import type { Start } from "./contract.ts";
import { isAtLeast } from "./versions.ts";
import { toxiproxyServer } from "./ways.ts";

export interface ToxiproxyNeed extends Start {
  /** As the user wrote it. */
  readonly given: string | undefined;
  /** As the user wrote them, too: which ports of it are reachable, and where it reaches the store. */
  readonly ports: string | undefined;
  readonly upstream: string | undefined;
  /** What it has to forward to, */
  readonly store: Pick<RedisEndpoint, "address" | "inside">;
  /** and by how many proxies at most. */
  readonly links: number;
}

export interface ToxiproxyEndpoint {
  readonly api: Address;
  readonly version: string;
  /** Started by the run: what is in it ends with it. */
  readonly own: boolean;
  /** How its server ended; undefined while it runs. Absent where somebody else keeps it. */
  ended?(): Promise<string | undefined>;
  /** Where it is in another network than we are. */
  readonly apart?: Apart;
}

export interface Apart {
  /** Of its ports, those that we reach, each on the same number; undefined where we reach all. */
  readonly ports: readonly number[] | undefined;
  /** The store, as it reaches it. */
  readonly upstream: Address;
}

const oldest = [2, 5] as const;
/** A start takes far less; the machine may be busy. */
export const readyMs = 60_000;

/**
 * A second server on a taken port runs on without an API: only what our own child's log tells of is our own child's
 * doing.
 */
export async function isOwn(api: Address, said: () => Promise<string>): Promise<boolean> {
  const control = proxyControl(api);
  const anywhere = { host: "127.0.0.1", port: 0 };
  const sign = { name: `whitewater-${randomUUID()}`, listen: anywhere, upstream: anywhere };
  try {
    await control.create(sign);
  } catch {
    return false; // not up yet
  }
  await control.remove(sign);
  return (await said()).includes(sign.name);
}

/** @throws UserError when it is too old. A build without a version ("git") is taken for a new one. */
export function current(version: string, where: string): string {
  if (isAtLeast(version, oldest) !== false) return version;
  throw new UserError(`the Toxiproxy ${where} is version ${version}: this needs ${toxiproxyServer.needed}`);
}
