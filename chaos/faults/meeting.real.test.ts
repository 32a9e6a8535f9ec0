/**
 * Faults on the links of a process that is really there: met by the connections that it opens, late, elsewhere, or
 * never.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Environment } from "../../harness/environment/provide.ts";
import { monotonic, pause } from "../../std/clock.ts";
import { eventually } from "../../std/deadline.ts";
import { identify, signal, type ProcessIdentity } from "../../std/process-identity.ts";
import { seeded } from "../../std/random.ts";
import { nobody, scratchRun, type ScratchRun } from "../../harness/environment/testing/scratch-run.ts";
import type { Address, Fault, Levers, Link, Planned } from "../contract.ts";
import { faults } from "../index.ts";
import { askOnce } from "../levers/probe.ts";
import { kernelTells } from "../levers/traffic.ts";

const never = new AbortController().signal;

let run: ScratchRun;
let environment: Environment;
let own: Link;
let other: Link;
beforeAll(async () => {
  run = await scratchRun();
  environment = await run.provide({ needsProxy: true });
  own = await environment.createLink("link:worker:0", "commands");
  other = await environment.createLink("link:worker:1", "commands");
});
afterAll(() => run[Symbol.asyncDispose]());

/**
 * Says PING ten times a second on each connection that it was told to open, opens it again when it ends, and tells when
 * it is open and how it ended.
 */
const client = `
  const { connect } = require("node:net");
  const live = (port) => {
    const socket = connect(port, "127.0.0.1");
    const talk = setInterval(() => socket.write("PING\\r\\n"), 100);
    let how = "end";
    socket.on("connect", () => process.send("open")).on("data", () => {}).on("error", ({ code }) => (how = code));
    socket.on("close", () => { clearInterval(talk); process.send(how); setTimeout(live, 50, port); });
  };
  process.on("message", live).on("disconnect", () => process.exit());
  process.send("ready");`;

/** In the middle of it another process stands, as where a system works in processes of its own. */
const parent = `
  const { spawn } = require("node:child_process");
  const child = spawn(process.execPath, ["-e", process.argv[1]], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  child.on("message", (said) => process.send(said));
  process.on("message", (port) => child.send(port));
  process.on("disconnect", () => child.kill("SIGKILL"));`;

let worker: ChildProcess;
let identity: ProcessIdentity;
let levers: Levers;
const open = ({ port }: Address): void => void worker.send(port);

async function start(words: readonly string[]): Promise<void> {
  worker = spawn(process.execPath, ["-e", ...words], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
    detached: true,
  });
  await once(worker, "message");
  identity = identify(worker.pid ?? -1) ?? expect.fail("nobody was started");
  const holder = () => ({ identity, incarnation: 1, ready: true });
  levers = environment.levers({ ...nobody, holder, allSlots: () => ["worker:0"] });
}
beforeEach(() => start([client]));
afterEach(() => void signal(identity, "SIGKILL"));

const planned = (fault: Fault): Planned =>
  fault.plan(fault.options.parse({ lastsMs: [700, 700] }), { workers: 1, producers: 1 }, seeded("meeting"));

async function bitten(fault: Fault) {
  const plan = planned(fault);
  const bit = await (await fault.arm(plan, levers, never))(never);
  expect(await fault.heal(plan, levers, never)).toMatchObject({ proven: true });
  return bit;
}

const seen = { seenBy: "kernel", connections: 1 };
const onLinks = Object.entries(faults as Readonly<Record<string, Fault>>).filter(([, { needs }]) =>
  needs.includes("proxy"),
);

describe.skipIf(process.platform !== "linux")("on Linux, which tells of connections", () => {
  test("a kernel tells where it shows a connection of ours that is surely there", async () => {
    const { address } = environment.redis;
    expect(await kernelTells(address)).toBe(true);
    const empty = { sockets: [], of: () => [] };
    for (const shown of [undefined, empty, { ...empty, of: () => undefined }])
      expect(await kernelTells(address, () => shown)).toBe(false);
  });

  test.each(onLinks)("%s meets the process's own connection", async (_name, fault) => {
    open(own.listen);
    expect(await bitten(fault)).toMatchObject({ proven: true, facts: seen });
  });

  test("a client that was connected before is connected again when the reset comes, and is reset", async () => {
    const ends: unknown[] = [];
    worker.on("message", (how) => void (how !== "ECONNREFUSED" && how !== "open" && ends.push(how)));
    const opened = once(worker, "message");
    open(own.listen);
    await opened;
    expect(await bitten(faults.reset)).toMatchObject({ proven: true });
    await eventually(() => ends.length >= 2, { deadlineMs: 30_000, awaited: "the client to lose two connections" });
    expect(ends.slice(0, 2)).toEqual(["end", "ECONNRESET"]);
  });

  test("what a process started is its own", async () => {
    signal(identity, "SIGKILL");
    await start([parent, client]);
    open(own.listen);
    expect(await bitten(faults.cut)).toMatchObject({ proven: true, facts: { ...seen, ended: 1 } });
  });

  test("a connection that is opened late is waited for", async () => {
    const bite = bitten(faults.cut);
    await pause(monotonic, 1500);
    open(own.listen);
    expect(await bite).toMatchObject({ proven: true, facts: { ...seen, ended: 1 } });
  });

  test("without one nobody was met, and nothing was cut", { timeout: 60_000 }, async () => {
    await expect(bitten(faults.cut)).rejects.toThrow(
      `met nobody: no connection of worker 0 was open on its proxied link 127.0.0.1:${own.listen.port}`,
    );
    expect(await askOnce(own.listen, "PING")).toBe("+PONG");
  });

  test.each([
    { what: "straight to the store", way: () => environment.redis.address, how: "directly" },
    { what: "through a link of another", way: () => other.listen, how: "which is a link of another process" },
  ])("whoever goes $what is told of, also beside its own link", { timeout: 60_000 }, async ({ way, how }) => {
    open(own.listen);
    open(way());
    await expect(bitten(faults["black-hole"])).rejects.toThrow(`worker 0 talks to 127.0.0.1:${way().port}`);
    await expect(bitten(faults.latency)).rejects.toThrow(how);
  });
});
