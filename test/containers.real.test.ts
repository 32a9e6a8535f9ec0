/**
 * Servers in containers, in both kinds of network. Where no engine answers, or has no image and cannot pull it, they
 * are not tested, and the names of these tests say so and why: `npm test` counts and prints them.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { faults } from "../chaos/index.ts";
import { askOnce, refusal } from "../chaos/levers/probe.ts";
import { inspectEngine, pullImage, removeContainers } from "../harness/environment/containers.ts";
import { inspectEnvironment } from "../harness/environment/inspect.ts";
import { sweepAll } from "../harness/sweep.ts";
import { readJournal } from "../history/journal-file.ts";
import type { JournalLine } from "../history/journal.ts";
import { within } from "../std/deadline.ts";
import { onFreePort } from "../std/free-port.ts";
import { seeded } from "../std/random.ts";
import { nobody, scratchRun } from "../harness/environment/testing/scratch-run.ts";

const engine = await inspectEngine();
const obstacle =
  "unavailable" in engine ? engine : ((await pullImage("redis")) ?? (await pullImage("toxiproxy")) ?? undefined);
const untested = obstacle === undefined ? "" : `, not tested here: ${obstacle.unavailable}`;
/** Only an engine of this very machine can put containers into the machine's own network. */
const networks = "network" in engine && engine.network === "own" ? (["own"] as const) : (["machine", "own"] as const);
const never = new AbortController().signal;
/** The engine has to start two servers, on a machine that may be busy. */
const timeout = 240_000;
const fleet = { workers: 1, producers: 1 };

/** A machine that has an engine, and no servers. */
const onlyAnEngine = (network: string): void => {
  vi.stubEnv("PATH", "");
  vi.stubEnv("XDG_CACHE_HOME", "nowhere");
  vi.stubEnv("WHITEWATER_REDIS_SERVER", "");
  vi.stubEnv("WHITEWATER_TOXIPROXY_SERVER", "");
  vi.stubEnv("WHITEWATER_CONTAINERS", network);
};
afterEach(() => void vi.unstubAllEnvs());

/** Names of what the engine still keeps of the run; with that it is gone. */
const leftOf = async (lines: readonly JournalLine[]): Promise<readonly string[]> => {
  const labels = lines.flatMap((line) => (line.type === "containers" ? [line.label] : []));
  expect(labels).toHaveLength(1);
  return (await Promise.all(labels.map((label) => removeContainers(label)))).flat();
};

describe.skipIf(obstacle !== undefined).for(networks)(`containers in the network "%s"${untested}`, (network) => {
  beforeEach(() => onlyAnEngine(network));

  test("both servers are had, with the settings of the profile, and end with the run", { timeout }, async () => {
    const run = await scratchRun();
    const environment = await run.provide({ store: "aof-always", needsProxy: true, links: 2 });
    expect(environment.providers).toEqual({ redis: "container", toxiproxy: "container" });
    expect(environment.redis.settings).toMatchObject({ appendonly: "yes", appendfsync: "always", save: "" });
    const link = await environment.createLink("link:worker:0", "commands");
    expect(link.inside === undefined).toBe(network === "machine");
    await askOnce(link.listen, "SET through it");
    expect(await askOnce(link.upstream, "GET through")).toBe("it");
    const lines = run.lines();
    expect(lines[0]).toMatchObject({ type: "containers" });
    await run[Symbol.asyncDispose]();
    expect(await refusal(environment.redis.address)).toBe("ECONNREFUSED");
    expect(await leftOf(lines)).toEqual([]);
  });

  test("the store is stopped and killed, and starts again on its port with its data", { timeout }, async () => {
    await using run = await scratchRun();
    const { levers, redis } = await run.provide({ store: "aof-always" });
    const { store } = levers(nobody);
    await askOnce(redis.address, "SET kept 1");
    const fault = faults["broker-stop"];
    for (const how of ["shutdown", "crash"] as const) {
      const plan = fault.plan({ lastsMs: [300, 300], how }, fleet, seeded(how));
      const bit = await (await fault.arm(plan, { store }, never))(never);
      expect(bit).toMatchObject({ proven: true, facts: { how, connect: "ECONNREFUSED" } });
      await expect(store.stop("crash")).rejects.toThrow("does not run");
      expect(await fault.heal(plan, { store }, never)).toMatchObject({ proven: true });
      expect(await askOnce(redis.address, "GET kept")).toBe("1");
    }
  });

  test("a link is cut and falls silent, and is whole again", { timeout }, async () => {
    await using run = await scratchRun();
    const environment = await run.provide({ needsProxy: true, links: 2 });
    await environment.createLink("link:worker:0", "commands");
    const { proxy } = environment.levers(nobody);
    for (const name of ["cut", "black-hole"] as const) {
      const fault = faults[name];
      const plan = fault.plan({ lastsMs: [700, 700], of: "worker" }, fleet, seeded(name));
      expect(await (await fault.arm(plan, { proxy }, never))(never)).toMatchObject({ proven: true });
      expect(await fault.heal(plan, { proxy }, never)).toMatchObject({ proven: true });
    }
  });

  test("a cut that did not happen is not proven", { timeout }, async () => {
    await using run = await scratchRun();
    const environment = await run.provide({ needsProxy: true, links: 1 });
    await environment.createLink("link:worker:0", "commands");
    const { proxy } = environment.levers(nobody);
    const plan = faults.cut.plan({ lastsMs: [700, 700], of: "worker" }, fleet, seeded("idle"));
    const bite = await faults.cut.arm(plan, { proxy: { ...proxy, cut: () => Promise.resolve() } }, never);
    expect(await bite(AbortSignal.timeout(2500))).toMatchObject({ proven: false });
  });

  test("nothing is left of them when the harness was killed", { timeout }, async () => {
    const runs = await mkdtemp(join(tmpdir(), "whitewater-runs-"));
    try {
      const run = join(runs, "doomed");
      await mkdir(run);
      const file = join(import.meta.dirname, "..", "harness", "testing", "doomed-process.ts");
      const harness = spawn(process.execPath, [file, run, "unwatched"], { stdio: ["pipe", "pipe", "inherit"] });
      const exited = once(harness, "exit");
      expect(String(await within(once(harness.stdout, "data"), timeout, "a fault in force"))).toBe("in force\n");
      harness.kill("SIGKILL");
      await exited;
      const [swept] = await sweepAll(runs);
      expect(swept?.left).toEqual([]);
      expect(swept?.killed.filter((name) => name.startsWith("container ")).map((name) => name.split("-")[2])).toEqual(
        expect.arrayContaining(["redis", "toxiproxy"]),
      );
      expect(await leftOf(readJournal(join(run, "journal.jsonl")))).toEqual([]);
    } finally {
      await sweepAll(runs);
      await rm(runs, { recursive: true, force: true });
    }
  });
});

describe.skipIf(obstacle !== undefined)(`a container beside a program${untested}`, () => {
  test.for(networks)("Toxiproxy of the machine reaches a store in the network %s", { timeout }, async (network) => {
    await using program = await scratchRun();
    const { toxiproxy } = await program.provide({ needsProxy: true, store: "memory" });
    const { host, port } = toxiproxy?.api ?? expect.fail("no Toxiproxy");
    onlyAnEngine(network);
    await using run = await scratchRun();
    const environment = await run.provide({ needsProxy: true, toxiproxy: `${host}:${port}` });
    expect(environment.providers).toEqual({ redis: "container", toxiproxy: "given" });
    const link = await environment.createLink("link:worker:0", "commands");
    expect(await askOnce(link.listen, "PING")).toBe("+PONG");
  });

  test.skipIf(networks[0] === "own")("a container of Toxiproxy reaches the machine's store", { timeout }, async () => {
    await using program = await scratchRun();
    const { redis } = await program.provide({ store: "memory" });
    onlyAnEngine("machine");
    await using run = await scratchRun();
    const environment = await run.provide({ needsProxy: true, redis: `127.0.0.1:${redis.address.port}` });
    expect(environment.providers).toEqual({ redis: "given", toxiproxy: "container" });
    const link = await environment.createLink("link:worker:0", "commands");
    expect(await askOnce(link.listen, "PING")).toBe("+PONG");
  });

  test("doctor says by what each is had", async () => {
    onlyAnEngine("own");
    expect(await inspectEnvironment()).toMatchObject([
      { component: "redis-server", found: { version: expect.stringContaining("container of redis:") } },
      { component: "toxiproxy-server", found: { path: expect.stringContaining("engine") } },
    ]);
  });
});

describe("where containers cannot be had", () => {
  test("none are used where none are wanted, and a word that means nothing is an error", async () => {
    vi.stubEnv("WHITEWATER_CONTAINERS", "none");
    expect(await inspectEngine()).toEqual({ unavailable: expect.stringContaining("WHITEWATER_CONTAINERS=none") });
    vi.stubEnv("WHITEWATER_CONTAINERS", "somewhere");
    await expect(inspectEngine()).rejects.toThrow("WHITEWATER_CONTAINERS is machine, own, none");
  });

  test("a Toxiproxy in a container of the user's is told by its published ports", async () => {
    await using mine = await scratchRun();
    const { toxiproxy } = await mine.provide({ needsProxy: true, store: "memory" });
    const { host, port } = toxiproxy?.api ?? expect.fail("no Toxiproxy");
    await using run = await scratchRun();
    const first = await onFreePort((free) => Promise.resolve(free));
    const there = { toxiproxy: `${host}:${port}`, toxiproxyPorts: `${first}-${first}` };
    const environment = await run.provide({ ...there, needsProxy: true });
    const link = await environment.createLink("link:worker:0", "commands");
    expect(link.listen).toEqual({ host, port: first });
    expect(link.inside).toEqual({ listen: { host: "0.0.0.0", port: first }, upstream: environment.redis.address });
    await expect(environment.createLink("link:worker:0", "blocking")).rejects.toThrow("--toxiproxy-ports");
    for (const toxiproxyPorts of ["20000", "2-1", "0-3", "1-70000", "a-b"]) {
      await expect(run.provide({ ...there, toxiproxyPorts, needsProxy: true })).rejects.toThrow("FROM-TO");
    }
  });
});
