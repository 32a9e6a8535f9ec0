import { expect, test } from "vitest";
import { identify } from "../../std/process-identity.ts";
import type { ProcessHolder } from "../contract.ts";
import type { OwnedLink } from "./proxy.ts";
import type { SocketTable, Socket } from "./sockets.ts";
import { sortOut, trafficView } from "./traffic.ts";

const here = (port: number) => ({ host: "127.0.0.1", port });
const link = (slot: number, role: string, port: number): OwnedLink => ({
  name: `worker-${slot}-${role}`,
  listen: here(port),
  upstream: here(6390),
  resource: `link:worker:${slot}`,
});
const ways = {
  links: [link(1, "commands", 20_001), link(1, "blocking", 20_002), link(2, "commands", 20_003)],
  stores: [here(6390)],
};

let inodes = 0;
const socket = (remote: Socket["remote"], more: Partial<Socket> = {}): Socket => ({
  local: here(40_000 + ++inodes),
  remote,
  state: "established",
  inode: String(inodes),
  ...more,
});
const remotes = (flows: readonly { readonly remote: string }[]) => flows.map(({ remote }) => remote);

test("connections are sorted by where they lead", () => {
  const sockets = [20_001, 20_002, 20_001, 20_003, 6390, 5432].map((port) => socket(here(port)));
  const { slot, links, direct, strange, elsewhere, ways: own } = sortOut("link:worker:1", sockets, ways);
  expect(slot).toBe("worker:1");
  expect(own).toEqual(["127.0.0.1:20001", "127.0.0.1:20002"]);
  expect(Object.values(links).map(({ length }) => length)).toEqual([2, 1]);
  expect(remotes(direct)).toEqual(["127.0.0.1:6390"]);
  expect(remotes(strange)).toEqual(["127.0.0.1:20003"]);
  expect(remotes(elsewhere)).toEqual(["127.0.0.1:5432"]);
});

test("the store is known by each loopback address, and no other host by its port alone", () => {
  const sockets = ["::1", "127.0.0.2", "10.0.0.7"].map((host) => socket({ host, port: 6390 }));
  const { direct, elsewhere } = sortOut("worker:0", sockets, ways);
  expect(remotes(direct)).toEqual(["[::1]:6390", "127.0.0.2:6390"]);
  expect(remotes(elsewhere)).toEqual(["10.0.0.7:6390"]);
  const named = sortOut("worker:0", sockets, { links: [], stores: [{ host: "redis.example", port: 6390 }] });
  expect(named.direct).toHaveLength(3);
});

test("whom a process serves it is not connected to, nor to a service of its own", () => {
  const listening = socket({ host: "0.0.0.0", port: 0 }, { local: here(8080), state: "listening" });
  const caller = socket(here(8080));
  const called = socket(here(41_000), { local: here(8080) });
  const elsewhere = socket({ host: "10.0.0.7", port: 8080 });
  expect(remotes(sortOut("producer:0", [listening, caller, called, elsewhere], ways).elsewhere)).toEqual([
    "10.0.0.7:8080",
  ]);
});

const self: ProcessHolder = {
  identity: identify(process.pid) ?? expect.fail("we are not there"),
  incarnation: 1,
  ready: true,
};
const view = (holder: ProcessHolder | undefined, of: SocketTable["of"] = () => [socket(here(20_001))]) =>
  trafficView({ holder: () => holder, allSlots: () => ["worker:1"] }, ways, () => ({ sockets: [], of }));

test("who is not ready, or gone, is away; whose sockets are hidden is not told", () => {
  expect(view(self).of("link:worker:1")).toMatchObject({ slot: "worker:1", stopped: false });
  expect(view({ ...self, ready: false }).of("worker:1")).toBe("away");
  expect(view({ ...self, identity: { ...self.identity, startedAt: "before" } }).of("worker:1")).toBe("away");
  expect(view(undefined).of("worker:1")).toBeUndefined();
  expect(view(self, () => undefined).of("worker:1")).toBeUndefined();
  expect(view(self, () => undefined).all()).toBeUndefined();
  expect(view({ ...self, ready: false }).all()).toEqual([]);
  expect(view(self).all()).toHaveLength(1);
});
