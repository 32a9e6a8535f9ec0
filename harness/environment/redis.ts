/**
 * The store: a Redis that the user named, which is never stopped, or one that the run starts for itself on a free port in
 * a directory of its own, with the settings of the scenario's durability profile.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { z } from "zod";
import type { Address } from "../../chaos/contract.ts";
import { askOnce } from "../../chaos/levers/probe.ts";
import { storeLever, type OwnStore } from "../../chaos/levers/store.ts";
import type { DurabilityProfile } from "../../scenarios/contract.ts";
import { onFreePort } from "../../std/free-port.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import { parseAddress, textOf } from "./address.ts";
import type { Provider, Start } from "./contract.ts";
import { directoryPrefix } from "./handles.ts";
import { findProgram } from "./program.ts";
import { isAtLeast } from "./versions.ts";
import { redisServer } from "./ways.ts";

export interface RedisNeed extends Start {
  /** As the user wrote it. */
  readonly given: string | undefined;
  readonly profile: DurabilityProfile;
}

export interface RedisEndpoint {
  readonly address: Address;
  readonly version: string;
  /** As the server itself tells them; none where it does not. */
  readonly settings: Readonly<Record<string, string>>;
  /** Where the run started it, and so may stop it. */
  readonly store?: OwnStore;
}

/** Little is alive in a queue at any time: rewritten early, the log is read again in no time after a stop of the server. */
const shortLog = ["--auto-aof-rewrite-min-size", "32mb"];

const profiles: Readonly<Record<DurabilityProfile, readonly string[]>> = {
  "aof-everysec": ["--appendonly", "yes", "--appendfsync", "everysec", ...shortLog],
  "aof-always": ["--appendonly", "yes", "--appendfsync", "always", ...shortLog],
  memory: ["--appendonly", "no"],
};

const told = ["appendonly", "appendfsync", "auto-aof-rewrite-min-size", "save", "maxmemory", "maxmemory-policy"];
const oldest = [7, 0] as const;
const answerMs = 10_000;
const instead = "Name one that runs, or leave --redis out: then the run starts one of its own.";

const given: Provider<RedisNeed, RedisEndpoint> = {
  name: "given",
  async provide({ given: text }) {
    if (text === undefined) return { unavailable: "no --redis was given" };
    const address = parseAddress(text, "--redis");
    try {
      return { address, ...(await ask(address)) };
    } catch (thrown) {
      if (thrown instanceof UserError) throw thrown;
      throw new UserError(`the Redis at ${textOf(address)} (--redis) cannot be used: ${messageOf(thrown)}. ${instead}`);
    }
  },
};

const program: Provider<RedisNeed, RedisEndpoint> = {
  name: "started by the run",
  async provide({ profile, journal, log }, scope) {
    const found = findProgram(redisServer);
    if ("unavailable" in found) return found;
    const directory = join(tmpdir(), `${directoryPrefix}${randomUUID()}`);
    const store = await onFreePort(async (port) => {
      const words = [
        "--port",
        String(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        directory,
        "--save",
        "",
        "--daemonize",
        "no",
      ];
      const started = storeLever(
        {
          address: { host: "127.0.0.1", port },
          command: found.path,
          words: [...words, "--maxmemory-policy", "noeviction", ...profiles[profile]],
          log,
        },
        (identity) => {
          journal.write({ type: "helper", identity, name: "redis-server", directory });
          mkdirSync(directory, { recursive: true });
        },
      );
      scope.defer(async () => {
        await started.close();
        rmSync(directory, { recursive: true, force: true });
      });
      try {
        await started.start();
        return started;
      } catch (thrown) {
        if (isPortTaken(log, port)) return "taken";
        throw new UserError(`${found.path} does not start: ${messageOf(thrown)}; see ${log}`);
      }
    });
    return { address: store.address, store, ...(await ask(store.address)) };
  },
};

export const redisProviders: readonly Provider<RedisNeed, RedisEndpoint>[] = [given, program];

const isPortTaken = (log: string, port: number): boolean =>
  new RegExp(`:${port}: bind: Address already in use`).test(readFileSync(log, "utf8"));

/** @throws UserError when what listens there is no Redis, or too old a one */
async function ask(address: Address): Promise<Pick<RedisEndpoint, "version" | "settings">> {
  const version = /^redis_version:(\S+)/m.exec(await askOnce(address, "INFO server"))?.[1];
  if (version === undefined)
    throw new UserError(`${textOf(address)} is in use by something that is not a Redis. ${instead}`);
  if (isAtLeast(version, oldest) === true) return { version, settings: await settingsOf(address) };
  throw new UserError(`the Redis at ${textOf(address)} is version ${version}: this needs ${redisServer.needed}`);
}

/** Managed servers forbid the question; then the result names none. */
async function settingsOf(address: Address): Promise<Readonly<Record<string, string>>> {
  const client = new Redis({ ...address, commandTimeout: answerMs, retryStrategy: () => null });
  client.on("error", () => {}); // told by what fails
  try {
    const pairs = z.array(z.string()).parse(await client.config("GET", ...told));
    return Object.fromEntries(
      pairs.flatMap((name, index) => (index % 2 === 0 ? [[name, pairs[index + 1] ?? ""]] : [])),
    );
  } catch {
    return {};
  } finally {
    client.disconnect();
  }
}
