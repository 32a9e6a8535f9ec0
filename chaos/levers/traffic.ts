/**
 * Where the run's own processes are connected to, by their kernel: through which of their links, past them, or
 * elsewhere. A probe of ours tells what a link does to a probe; only this tells that the system under test has anything
 * to do with it.
 *
 * Decisive is whose an open connection is and where it leads, which Linux tells everywhere. Not: the names that a proxy
 * or a store gives to connections (behind a proxy a store sees the proxy), nor a proxy's count of bytes (it adds them
 * at the end).
 */
import { isIP } from "node:net";
import { slotIn, slotOf, type Resource } from "../../history/resource.ts";
import { textOf } from "../../std/address.ts";
import { isAlive, isStopped } from "../../std/process-identity.ts";
import type { Address, Flow, Traffic, TrafficView } from "../contract.ts";
import type { ProcessRegistry } from "./process.ts";
import { openProbe } from "./probe.ts";
import type { OwnedLink } from "./proxy.ts";
import { countBytes, look, type SocketTable, type Socket } from "./sockets.ts";

export interface Ways {
  /** As of now: they are made one by one. */
  readonly links: readonly OwnedLink[];
  /** The store, or all of its nodes, where those who have no link reach it. */
  readonly stores: readonly Address[];
}

/** Whether the kernel tells what it should of a connection that is surely there: one of ours to the store. */
export async function kernelTells(store: Address, looks: () => SocketTable | undefined = look): Promise<boolean> {
  using probe = await openProbe(store);
  await probe.ask("PING");
  const own = looks()?.of(process.pid) ?? [];
  return own.some(({ state, remote }) => state === "established" && leadsTo(remote, store));
}

export function trafficView(
  registry: Pick<ProcessRegistry, "holder" | "allSlots">,
  ways: Ways,
  looks: () => SocketTable | undefined = look,
): TrafficView {
  const seen = (resource: Resource, all: SocketTable | undefined): Traffic | "away" | undefined => {
    const holder = registry.holder(processOf(resource));
    if (holder === undefined) return undefined;
    const { identity, ready } = holder;
    if (!ready || !isAlive(identity)) return "away";
    const sockets = all?.of(identity.pid);
    return sockets && { ...sortOut(resource, sockets, ways), stopped: isStopped(identity) };
  };
  return {
    of: (resource) => seen(resource, looks()),
    all() {
      const now = looks();
      const each = registry.allSlots().map((slot) => seen(slot, now));
      if (each.length === 0 || each.includes(undefined)) return undefined;
      return each.filter((one): one is Traffic => typeof one === "object");
    },
    open(flows) {
      const held = new Set(looks()?.sockets.flatMap(({ state, inode }) => (state === "established" ? [inode] : [])));
      return flows.filter(({ inode }) => held.has(inode));
    },
    bytes: countBytes,
  };
}

/** @param sockets of one process */
export function sortOut(
  resource: Resource,
  sockets: readonly Socket[],
  { links, stores }: Ways,
): Omit<Traffic, "stopped"> {
  const slot = processOf(resource);
  const own = links.filter((link) => processOf(link.resource) === slot);
  const strangers = links.filter((link) => processOf(link.resource) !== slot);
  const left = new Set(outgoing(sockets));
  const take = (to: readonly Address[]): readonly Flow[] => {
    const taken = [...left].filter(({ remote }) => to.some((address) => leadsTo(remote, address)));
    for (const socket of taken) left.delete(socket);
    return taken.map(flowOf);
  };
  return {
    slot,
    ways: own.map(({ listen }) => textOf(listen)),
    links: Object.fromEntries(own.map(({ name, listen }) => [name, take([listen])])),
    direct: take(stores),
    strange: take(strangers.map(({ listen }) => listen)),
    elsewhere: [...left].map(flowOf),
  };
}

/** Whom it serves a process is not connected to, nor itself where it is served by itself. */
function outgoing(sockets: readonly Socket[]): readonly Socket[] {
  const served = new Set(sockets.flatMap(({ state, local }) => (state === "listening" ? [local.port] : [])));
  return sockets.filter(
    ({ state, local, remote }) =>
      state === "established" && !served.has(local.port) && !(isHere(remote.host) && served.has(remote.port)),
  );
}

const flowOf = ({ inode, remote }: Socket): Flow => ({ inode, remote: textOf(remote) });

/** `worker:2` of `link:worker:2`. */
function processOf(resource: Resource): Resource {
  const whose = slotIn(resource);
  return whose === undefined ? resource : slotOf(whose.role, whose.slot);
}

/** An address that is a name may be any host's. */
const leadsTo = (remote: Address, { host, port }: Address): boolean =>
  remote.port === port && (isIP(host) === 0 || remote.host === host || (isHere(remote.host) && isHere(host)));

/** By the addresses that every host has for itself alone. */
const isHere = (host: string): boolean => /^(127\.|0\.0\.0\.0$|::[01]?$)/.test(host);
