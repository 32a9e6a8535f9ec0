/**
 * Toxiproxy: one that the user named, in which the run makes proxies of its own and removes them again, or one that the run
 * starts for itself.
 */
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Address } from "../../chaos/contract.ts";
import { proxyControl } from "../../chaos/levers/proxy.ts";
import { eventually } from "../../std/deadline.ts";
import { onFreePort } from "../../std/free-port.ts";
import { end, launch } from "../../std/launch.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import { parseAddress, textOf } from "./address.ts";
import type { Provider, Start } from "./contract.ts";
import { findProgram } from "./program.ts";
import { isAtLeast } from "./versions.ts";
import { toxiproxyServer } from "./ways.ts";

export interface ToxiproxyNeed extends Start {
  /** As the user wrote it. */
  readonly given: string | undefined;
}

export interface ToxiproxyEndpoint {
  readonly api: Address;
  readonly version: string;
  /** Started by the run: what is in it ends with it. */
  readonly own: boolean;
}

const host = "127.0.0.1";
const oldest = [2, 5] as const;
const readyMs = 60_000;
const endMs = 30_000;
const instead = "Name one that runs, or leave --toxiproxy out: then the run starts one of its own.";

const given: Provider<ToxiproxyNeed, ToxiproxyEndpoint> = {
  name: "given",
  async provide({ given: text }) {
    if (text === undefined) return { unavailable: "no --toxiproxy was given" };
    const api = parseAddress(text, "--toxiproxy");
    let version: string;
    try {
      version = await proxyControl(api).version();
    } catch (thrown) {
      throw new UserError(`there is no Toxiproxy at ${textOf(api)} (--toxiproxy): ${messageOf(thrown)}. ${instead}`);
    }
    return { api, version: current(version, textOf(api)), own: false };
  },
};

const program: Provider<ToxiproxyNeed, ToxiproxyEndpoint> = {
  name: "started by the run",
  async provide({ journal, log }, scope) {
    const found = findProgram(toxiproxyServer);
    if ("unavailable" in found) return found;
    return await onFreePort(async (port) => {
      const api = { host, port };
      const { identity, exit } = launch(found.path, ["-host", host, "-port", String(port)], {
        log,
        known: (known) => journal.write({ type: "helper", identity: known, name: "toxiproxy-server" }),
        variables: { LOG_LEVEL: "info" }, // each request of ours is a line otherwise
      });
      scope.defer(() => end(identity, "SIGKILL", endMs));
      const state = await eventually(
        async () => {
          const said = readFileSync(log, "utf8");
          if (said.includes(`listen tcp ${host}:${port}: bind: address already in use`)) return "taken";
          const ended = exit();
          if (ended !== undefined)
            throw new UserError(`${found.path} ended with ${ended.signal ?? ended.code}; see ${log}`);
          return (await isOwn(api, log)) && "ready";
        },
        { deadlineMs: readyMs, awaited: `the API of ${found.path} on port ${port} (see ${log})` },
      );
      if (state === "taken") return "taken";
      return { api, version: current(await proxyControl(api).version(), found.path), own: true };
    });
  },
};

export const toxiproxyProviders: readonly Provider<ToxiproxyNeed, ToxiproxyEndpoint>[] = [given, program];

/** A second server on a taken port runs on without an API: only what our own child's log tells of is our own child's doing. */
async function isOwn(api: Address, log: string): Promise<boolean> {
  const control = proxyControl(api);
  const anywhere = { host, port: 0 };
  const sign = { name: `whitewater-${randomUUID()}`, listen: anywhere, upstream: anywhere };
  try {
    await control.create(sign);
  } catch {
    return false; // not up yet
  }
  await control.remove(sign);
  return readFileSync(log, "utf8").includes(sign.name);
}

/** @throws UserError when it is too old. A build without a version ("git") is taken for a new one. */
function current(version: string, where: string): string {
  if (isAtLeast(version, oldest) !== false) return version;
  throw new UserError(`the Toxiproxy ${where} is version ${version}: this needs ${toxiproxyServer.needed}`);
}
