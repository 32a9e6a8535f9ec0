/**
 * Toxiproxy in a container: in this machine's network, or in one of its own that has as many published ports as there
 * are links.
 */
import type { Address } from "../../chaos/contract.ts";
import { proxyControl } from "../../chaos/levers/proxy.ts";
import { eventually } from "../../std/deadline.ts";
import { onFreePort } from "../../std/free-port.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import { current, isOwn, readyMs, type ToxiproxyEndpoint, type ToxiproxyNeed } from "./any-toxiproxy.ts";
import { hostInside, images, isLoopback, type Contained } from "./containers.ts";
import type { Provider } from "./contract.ts";

export const toxiproxyContainer: Provider<ToxiproxyNeed, ToxiproxyEndpoint> = {
  name: "container",
  async provide({ containers, log, store, links }, scope) {
    const engine = await containers.engage();
    if ("unavailable" in engine) return engine;
    const missing = await engine.missing("toxiproxy");
    if (missing !== undefined) return missing;
    return await onFreePort(async (port) => {
      const ports = engine.network === "own" ? await freePorts(links) : [];
      const server = await engine.create({
        name: "toxiproxy",
        words: [`-host=${engine.listen}`, `-port=${port}`],
        variables: { LOG_LEVEL: "info" }, // each request of ours is a line otherwise
        ports: [port, ...ports],
      });
      const close = async (): Promise<void> => {
        await server.keep(log).catch(() => {}); // nobody is to wait for it
        await server.remove();
      };
      scope.defer(close);
      const api = { host: engine.host, port };
      try {
        await server.start();
        await answering(server, api);
      } catch (thrown) {
        await close();
        if (/already in use/i.test(messageOf(thrown))) return "taken";
        throw new UserError(`a container of ${images.toxiproxy} does not start: ${messageOf(thrown)}; see ${log}`);
      }
      const version = current(await proxyControl(api).version(), `of ${images.toxiproxy}`);
      const ended = async (): Promise<string | undefined> => {
        const { pid, exit } = await server.state();
        return pid === 0 ? `code ${exit}` : undefined;
      };
      const provided = { api, version, own: true, ended };
      return engine.network === "own" ? { ...provided, apart: { ports, upstream: fromInside(store) } } : provided;
    });
  },
};

/** @throws Error with its last words when it ended, or could not have its port */
async function answering(server: Contained, api: ToxiproxyEndpoint["api"]): Promise<void> {
  await eventually(
    async () => {
      const said = await server.said();
      const last = said.trimEnd().split("\n").at(-1) ?? "";
      if (said.includes("address already in use")) throw new Error(last);
      const { pid, exit } = await server.state();
      if (pid === 0) throw new Error(`it ended with ${exit}: ${last}`);
      return await isOwn(api, () => server.said());
    },
    { deadlineMs: readyMs, awaited: `the API of Toxiproxy's container on port ${api.port}` },
  );
}

async function freePorts(count: number): Promise<readonly number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await onFreePort((port) => Promise.resolve(port)));
  return [...ports];
}

const fromInside = ({ address, inside }: ToxiproxyNeed["store"]): Address =>
  inside ?? (isLoopback(address.host) ? { ...address, host: hostInside } : address);
