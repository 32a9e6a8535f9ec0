/**
 * How Toxiproxy fares: its process, its API, and the run's own proxies in it, which are as new where no fault touches
 * them.
 */
import { proxyControl, type OwnedLink, type ProxyState } from "../../chaos/levers/proxy.ts";
import { eventually } from "../../std/deadline.ts";
import { messageOf } from "../../std/user-error.ts";
import { textOf } from "./address.ts";
import type { ToxiproxyEndpoint } from "./any-toxiproxy.ts";
import type { HealthSubject } from "./health.ts";

export function proxyHealth({ api, ended }: ToxiproxyEndpoint, links: () => readonly OwnedLink[]): HealthSubject {
  const control = proxyControl(api);
  const name = `the Toxiproxy at ${textOf(api)}`;
  return {
    of: "proxy",
    async look(touched) {
      const states = await control.states().catch(messageOf);
      // Nothing that a fault does to a link ends the server; its end may be known a moment after its silence.
      const how = typeof states === "string" ? await soon(ended) : await ended?.();
      if (how !== undefined)
        return {
          kind: "ended",
          what: `${name} ended with ${how}, and not by the run`,
          fatal: true,
        };
      const untouched = links().filter(({ resource }) => !touched(resource));
      const all = untouched.length === links().length;
      if (typeof states === "string")
        return all ? { kind: "silent", what: `${name} does not answer: ${states}` } : "explained";
      for (const link of untouched) {
        const flaw = flawOf(states.get(link.name));
        if (flaw !== undefined)
          return {
            kind: link.name,
            what: `${name} is not as it was left: the proxy ${link.name} ${flaw}, and no fault is in force on it`,
          };
      }
      return "well";
    },
    [Symbol.dispose]() {},
  };
}

const soon = (ended: ToxiproxyEndpoint["ended"]): Promise<string | undefined> =>
  eventually(async () => await ended?.(), { deadlineMs: 1000, awaited: "its end" }).catch(() => undefined);

function flawOf(state: ProxyState | undefined): string | undefined {
  if (state === undefined) return "is gone";
  if (!state.enabled) return "is closed";
  return state.toxics.length === 0 ? undefined : `has toxics: ${state.toxics.map(({ name }) => name).join(", ")}`;
}
