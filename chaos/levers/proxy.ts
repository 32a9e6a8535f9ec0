/**
 * Toxiproxy through its client, made safe: every call has a deadline and its error says what the server said. A call
 * that ran into the deadline may still be applied later, so it is an error and never taken for done.
 */
import { Proxy, Toxiproxy, type ICreateToxicBody } from "toxiproxy-node-client";
import { z } from "zod";
import type { Resource } from "../../history/resource.ts";
import { messageOf } from "../../std/user-error.ts";
import type { Address, Link, ProxyLever, Toxic, TrafficView } from "../contract.ts";

/** A link, and whose it is. */
export interface OwnedLink extends Link {
  readonly resource: Resource;
}

/** All that another process needs to heal. */
export interface ProxyHandles {
  readonly api: Address;
  readonly links: readonly OwnedLink[];
}

/** Under load the slowest of 1,200 calls took 40 ms; some that hang come back after 5 s. */
const callMs = 8000;

/** `status` is the server's own, or undefined when none came. */
export class ControlError extends Error {
  override readonly name = "ControlError";
  readonly status: number | undefined;
  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

export interface ProxyState {
  readonly enabled: boolean;
  readonly toxics: readonly { readonly name: string }[];
}

export interface ProxyControl extends Omit<ProxyLever, "links" | "traffic"> {
  version(): Promise<string>;
  /** All proxies that there are, by name. */
  states(): Promise<ReadonlyMap<string, ProxyState>>;
  create(link: Link): Promise<void>;
  /** Nothing happens where there is none. */
  remove(link: Link): Promise<void>;
}

/** The same in the process that made the links and in one that has only the handles, which sees nobody's traffic. */
export function proxyLever({ api, links }: ProxyHandles, traffic?: TrafficView): ProxyLever {
  const { version: _version, states: _states, create: _create, remove: _remove, ...lever } = proxyControl(api);
  return {
    links: (resource) => links.filter((link) => link.resource === resource),
    ...lever,
    ...(traffic && { traffic }),
  };
}

export function proxyControl(api: Address): ProxyControl {
  const client = clientOf(api);
  const make = (link: Link, enabled: boolean): Promise<Proxy> => client.createProxy({ ...bodyOf(link), enabled });
  const create = async (link: Link): Promise<void> => void (await make(link, true));
  const remove = async (link: Link): Promise<void> => {
    try {
      await proxyOf(client, link).remove();
    } catch (thrown) {
      if (!(thrown instanceof ControlError && thrown.status === 404)) throw thrown;
    }
  };
  const enable = async (link: Link, enabled: boolean): Promise<void> =>
    void (await proxyOf(client, link).update({ ...bodyOf(link), enabled }));
  const put = async (link: Link, toxics: readonly Toxic[]): Promise<void> => {
    for (const toxic of toxics) await proxyOf(client, link).addToxic(toxicBody(toxic));
  };
  const stateOf = async (link: Link): Promise<ProxyState> =>
    stateReply.parse((await client.api.get(proxyOf(client, link).getPath())).data);
  const expectWhole = async (link: Link): Promise<void> => {
    const state = await stateOf(link);
    if (!state.enabled || state.toxics.length > 0)
      throw new ControlError(`the proxy ${link.name} is not as new: ${JSON.stringify(state)}`);
  };
  return {
    version: async () => versionReply.parse(JSON.parse(await client.getVersion())).version,
    states: async () =>
      new Map(Object.entries(statesReply.parse((await client.api.get(`http://${api.host}:${api.port}/proxies`)).data))),
    create,
    remove,
    cut: (link) => enable(link, false),
    put,
    // Closed while the toxics are put on, so that no connection slips in before them.
    async reopen(link, toxics) {
      await remove(link);
      await make(link, false);
      await put(link, toxics);
      await enable(link, true);
    },
    async lift(link) {
      for (const { name } of (await stateOf(link)).toxics)
        await client.api.delete(`${proxyOf(client, link).getPath()}/toxics/${name}`);
      await expectWhole(link);
    },
    // Removing a toxic hangs where a peer does not read; making the proxy anew never did.
    async restore(link) {
      await remove(link);
      await create(link);
      await expectWhole(link);
    },
  };
}

const versionReply = z.object({ version: z.string() });
const stateReply = z.object({ enabled: z.boolean(), toxics: z.array(z.object({ name: z.string() })) });
const statesReply = z.record(z.string(), stateReply);

/** As the server takes it: a misspelt attribute would silently be 0. */
function toxicBody(toxic: Toxic): ICreateToxicBody<object> {
  const attributesOf = (): {
    readonly type: ICreateToxicBody<object>["type"];
    readonly attributes: object;
    readonly toxicity?: number;
  } => {
    switch (toxic.kind) {
      case "silence":
        return { type: "timeout", attributes: { timeout: 0 } }; // zero is for ever
      case "limit":
        return { type: "limit_data", attributes: { bytes: toxic.bytes } };
      case "latency":
        return { type: "latency", attributes: { latency: toxic.ms, jitter: toxic.jitterMs } };
      case "rate":
        return { type: "bandwidth", attributes: { rate: toxic.kilobytes } };
      case "reset":
        // By its mere presence, since it acts on none of the connections, it makes a close of the proxy's a reset.
        return { type: "reset_peer", attributes: { timeout: 0 }, toxicity: 0 };
    }
  };
  const stream = toxic.way === "requests" ? "upstream" : "downstream";
  return { name: `${toxic.kind}-${stream}`, stream, toxicity: 1, ...attributesOf() };
}

const bodyOf = ({ name, ...link }: Link): { name: string; listen: string; upstream: string } => {
  const { listen, upstream } = link.inside ?? link;
  return { name, listen: `${listen.host}:${listen.port}`, upstream: `${upstream.host}:${upstream.port}` };
};

/** Without asking the server first. */
const proxyOf = (client: Toxiproxy, link: Link): Proxy =>
  new Proxy(client, { ...bodyOf(link), enabled: true, toxics: [] });

/**
 * Every call of the client goes through this one method, which by itself knows no deadline and drops the error's text.
 */
function clientOf({ host, port }: Address): Toxiproxy {
  const client = new Toxiproxy(`http://${host}:${port}`);
  const doFetch = async (url: string, init: RequestInit): Promise<Response> => {
    const what = `${init.method ?? "GET"} ${url}`;
    let answer: { readonly status: number; readonly ok: boolean };
    let text: string;
    try {
      const response = await fetch(url, { ...init, signal: AbortSignal.timeout(callMs) });
      answer = response;
      text = await response.text();
    } catch (thrown) {
      const late = thrown instanceof DOMException && thrown.name === "TimeoutError";
      const why = late ? `no answer within ${callMs} ms; it may still be applied later` : causeOf(thrown);
      throw new ControlError(`Toxiproxy, ${what}: ${why}`);
    }
    if (!answer.ok) throw new ControlError(`Toxiproxy, ${what}: ${answer.status} ${text.trim()}`, answer.status);
    return new Response(text === "" ? null : text, { status: answer.status });
  };
  Object.assign(client.api, { doFetch });
  return client;
}

/** fetch hides the reason, such as ECONNREFUSED, in its cause. */
const causeOf = (thrown: unknown): string =>
  thrown instanceof Error && thrown.cause instanceof Error ? messageOf(thrown.cause) : messageOf(thrown);
