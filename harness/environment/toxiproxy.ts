/**
 * Toxiproxy: one that the user named, in which the run makes proxies of its own and removes them again, or one that the
 * run starts for itself.
 */
import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { proxyControl } from "../../chaos/levers/proxy.ts";
import { eventually } from "../../std/deadline.ts";
import { onFreePort } from "../../std/free-port.ts";
import { end, launch } from "../../std/launch.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import { parseAddress, parsePorts, textOf } from "./address.ts";
import { current, isOwn, readyMs, type ToxiproxyEndpoint, type ToxiproxyNeed } from "./any-toxiproxy.ts";
import { toxiproxyContainer } from "./containers-toxiproxy.ts";
import type { Provider } from "./contract.ts";
import { marked } from "../../std/mark.ts";
import { findProgram } from "./program.ts";
import { toxiproxyServer } from "./ways.ts";

const host = "127.0.0.1";
const endMs = 30_000;
const instead = "Name one that runs, or leave --toxiproxy out: then the run starts one of its own.";

const given: Provider<ToxiproxyNeed, ToxiproxyEndpoint> = {
  name: "given",
  async provide({ given: text, ports, upstream, store }) {
    if (text === undefined) return { unavailable: "no --toxiproxy was given" };
    const api = parseAddress(text, "--toxiproxy");
    let version: string;
    try {
      version = await proxyControl(api).version();
    } catch (thrown) {
      throw new UserError(`there is no Toxiproxy at ${textOf(api)} (--toxiproxy): ${messageOf(thrown)}. ${instead}`);
    }
    const found = { api, version: current(version, textOf(api)), own: false };
    if (ports === undefined && upstream === undefined) return found;
    const apart = {
      ports: ports === undefined ? ports : parsePorts(ports, "--toxiproxy-ports"),
      upstream: upstream === undefined ? store.address : parseAddress(upstream, "--toxiproxy-redis"),
    };
    return { ...found, apart };
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
        variables: marked({ LOG_LEVEL: "info" }), // each request of ours is a line otherwise
      });
      scope.defer(() => end(identity, "SIGKILL", endMs));
      const ended = async (): Promise<string | undefined> => {
        const how = exit();
        return how && (how.signal ?? `code ${how.code}`);
      };
      const state = await eventually(
        async () => {
          const said = readFileSync(log, "utf8");
          if (said.includes(`listen tcp ${host}:${port}: bind: address already in use`)) return "taken";
          const how = await ended();
          if (how !== undefined) throw new UserError(`${found.path} ended with ${how}; see ${log}`);
          return (await isOwn(api, () => readFile(log, "utf8"))) && "ready";
        },
        { deadlineMs: readyMs, awaited: `the API of ${found.path} on port ${port} (see ${log})` },
      );
      if (state === "taken") return "taken";
      return { api, version: current(await proxyControl(api).version(), found.path), own: true, ended };
    });
  },
};

export const toxiproxyProviders: readonly Provider<ToxiproxyNeed, ToxiproxyEndpoint>[] = [
  given,
  program,
  toxiproxyContainer,
];
