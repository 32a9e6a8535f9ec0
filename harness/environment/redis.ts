/**
 * The store: a Redis that the user named, which is never stopped, or one that the run starts for itself on a free port
 * in a directory of its own, with the settings of the scenario's durability profile.
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { storeLever, type OwnStore, type StoreHandles } from "../../chaos/levers/store.ts";
import { onFreePort } from "../../std/free-port.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import { parseAddress, textOf } from "./address.ts";
import { askRedis, instead, settingsFor, type RedisEndpoint, type RedisNeed } from "./any-redis.ts";
import { redisContainer } from "./containers-redis.ts";
import type { Provider } from "./contract.ts";
import { marked, ownMark } from "../../std/mark.ts";
import { findProgram } from "./program.ts";
import { redisServer } from "./ways.ts";

const given: Provider<RedisNeed, RedisEndpoint> = {
  name: "given",
  async provide({ given: text }) {
    if (text === undefined) return { unavailable: "no --redis was given" };
    const address = parseAddress(text, "--redis");
    try {
      return { address, ...(await askRedis(address)) };
    } catch (thrown) {
      if (thrown instanceof UserError) throw thrown;
      throw new UserError(`the Redis at ${textOf(address)} (--redis) cannot be used: ${messageOf(thrown)}. ${instead}`);
    }
  },
};

const program: Provider<RedisNeed, RedisEndpoint> = {
  name: "started by the run",
  async provide(need, scope) {
    const found = findProgram(redisServer);
    if ("unavailable" in found) return found;
    const store = await onFreePort((port) => startServer(found.path, need, port, scope));
    return { address: store.address, store, ...(await askRedis(store.address)) };
  },
};

/**
 * @param settings beside those of every store of ours @throws UserError when it does not start, whatever ports are free
 */
export async function startServer(
  command: string,
  { profile, variables, journal, log }: Pick<RedisNeed, "profile" | "variables" | "journal" | "log">,
  port: number,
  scope: AsyncDisposableStack,
  settings: readonly string[] = [],
): Promise<OwnStore<StoreHandles> | "taken"> {
  const directory = join(tmpdir(), `whitewater-redis-${ownMark()}-${randomUUID()}`);
  const started = storeLever(
    {
      address: { host: "127.0.0.1", port },
      command,
      // A title of its own would be written over its environment, and the mark in it.
      words: `--bind 127.0.0.1 --set-proc-title no --dir ${directory}`
        .split(" ")
        .concat(settingsFor(profile, port), settings),
      log,
      variables: marked(variables),
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
    if (isPortTaken(log)) return "taken";
    throw new UserError(`${command} does not start: ${messageOf(thrown)}; see ${log}`);
  }
}

export const redisProviders: readonly Provider<RedisNeed, RedisEndpoint>[] = [given, program, redisContainer];

/** Any of those that it was to have when it was started last. */
const isPortTaken = (log: string): boolean =>
  readFileSync(log, "utf8").split("Redis is starting").at(-1)?.includes("bind: Address already in use") === true;
