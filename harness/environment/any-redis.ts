/** What every Redis of a run has in common, wherever it came from. */
import { Redis } from "ioredis";
import { z } from "zod";
import type { Address } from "../../chaos/contract.ts";
import { askOnce } from "../../chaos/levers/probe.ts";
import type { OwnStore } from "../../chaos/levers/store.ts";
import type { DurabilityProfile } from "../../scenarios/contract.ts";
import { UserError } from "../../std/user-error.ts";
import { textOf } from "./address.ts";
import type { Start } from "./contract.ts";
import { isAtLeast } from "./versions.ts";
import { redisServer } from "./ways.ts";

export interface RedisNeed extends Start {
  /** As the user wrote it. */
  readonly given: string | undefined;
  readonly profile: DurabilityProfile;
  /** What it needs in its environment, so that its clock can be bent. */
  readonly variables: Readonly<Record<string, string>>;
}

export interface RedisEndpoint {
  readonly address: Address;
  /**
   * Where it is a cluster: all of its masters, each with an address that the cluster itself tells; `address` is the
   * first.
   */
  readonly nodes?: readonly Address[];
  readonly version: string;
  /** As the server itself tells them; none where it does not. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where the run started it, and so may stop it. */
  readonly store?: OwnStore;
  /** For the run's other containers, where they have a network of their own. */
  readonly inside?: Address;
}

/**
 * Little is alive in a queue at any time: rewritten early, the log is read again in no time after a stop of the server.
 */
const shortLog = ["--auto-aof-rewrite-min-size", "32mb"];

const profiles: Readonly<Record<DurabilityProfile, readonly string[]>> = {
  "aof-everysec": ["--appendonly", "yes", "--appendfsync", "everysec", ...shortLog],
  "aof-always": ["--appendonly", "yes", "--appendfsync", "always", ...shortLog],
  memory: ["--appendonly", "no"],
};

/** For one that the run starts; where it listens and keeps its data is up to who starts it. */
export const settingsFor = (profile: DurabilityProfile, port: number): readonly string[] => [
  "--port",
  String(port),
  "--save",
  "",
  "--daemonize",
  "no",
  "--maxmemory-policy",
  "noeviction",
  ...profiles[profile],
];

const told = ["appendonly", "appendfsync", "auto-aof-rewrite-min-size", "save", "maxmemory", "maxmemory-policy"];
const oldest = [7, 0] as const;
const answerMs = 10_000;
export const instead = "Name one that runs, or leave --redis out: then the run starts one of its own.";

/** @param more settings to be told @throws UserError when what listens there is no Redis, or too old a one */
export async function askRedis(
  address: Address,
  more: readonly string[] = [],
): Promise<Pick<RedisEndpoint, "version" | "settings">> {
  const version = versionIn(await askOnce(address, "INFO server"));
  if (version === undefined)
    throw new UserError(`${textOf(address)} is in use by something that is not a Redis. ${instead}`);
  if (isAtLeast(version, oldest) === true) return { version, settings: await settingsOf(address, [...told, ...more]) };
  throw new UserError(`the Redis at ${textOf(address)} is version ${version}: this needs ${redisServer.needed}`);
}

/** What a server says that it is; one that is like a Redis says like which, and then what it is itself. */
export function versionIn(info: string): string | undefined {
  const [, redis] = /^redis_version:(\S+)/m.exec(info) ?? [];
  const [, valkey] = /^valkey_version:(\S+)/m.exec(info) ?? [];
  return redis === undefined || valkey === undefined ? redis : `${redis} (Valkey ${valkey})`;
}

/** Managed servers forbid the question; then the result names none. */
async function settingsOf(address: Address, names: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const client = new Redis({ ...address, commandTimeout: answerMs, retryStrategy: () => null });
  client.on("error", () => {}); // told by what fails
  try {
    const pairs = z.array(z.string()).parse(await client.config("GET", ...names));
    return Object.fromEntries(
      pairs.flatMap((name, index) => (index % 2 === 0 ? [[name, pairs[index + 1] ?? ""]] : [])),
    );
  } catch {
    return {};
  } finally {
    client.disconnect();
  }
}
