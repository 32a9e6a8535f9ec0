/** Real servers from every way that is open here, and what a user reads where one is not. */
import { once } from "node:events";
import { existsSync } from "node:fs";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { askOnce } from "../../chaos/levers/probe.ts";
import { proxyControl } from "../../chaos/levers/proxy.ts";
import { isAlive } from "../../std/process-identity.ts";
import { UserError } from "../../std/user-error.ts";
import { scratchRun, type ScratchRun } from "./testing/scratch-run.ts";
import { versionIn } from "./any-redis.ts";
import { inspectEnvironment } from "./inspect.ts";

let run: ScratchRun;
beforeEach(async () => {
  run = await scratchRun();
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await run[Symbol.asyncDispose]();
});

const listening = async (server: Server): Promise<string> => {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  return typeof address === "object" && address !== null ? `127.0.0.1:${address.port}` : expect.fail("no address");
};

/** A program that says a line and ends, or whatever else the shell can do. */
async function script(name: string, body: string): Promise<string> {
  const folder = join(run.directory, "bin");
  await mkdir(folder, { recursive: true });
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${body}\n`);
  await chmod(path, 0o755);
  return path;
}

const message = async (provided: Promise<unknown>): Promise<string> => {
  const thrown = await provided.then(
    () => expect.fail("it was provided"),
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(UserError);
  return thrown instanceof Error ? thrown.message : "";
};

test.each([
  ["aof-everysec", { appendonly: "yes", appendfsync: "everysec" }],
  ["aof-always", { appendonly: "yes", appendfsync: "always" }],
  ["memory", { appendonly: "no" }],
] as const)("starts a Redis with the profile %s, on file before it is used, and ends it", async (store, settings) => {
  const { redis, versions, providers } = await run.provide({ store });
  expect(redis.settings).toMatchObject({ ...settings, save: "", "maxmemory-policy": "noeviction" });
  expect(redis.address.port).toBeLessThan(32_768);
  expect(redis.store).toBeDefined();
  expect(versions).toEqual({ redis: redis.version });
  expect(providers).toEqual({ redis: "started by the run" });
  const [helper] = run.lines();
  if (helper?.type !== "helper" || helper.directory === undefined) expect.fail("the server is not on file");
  expect(isAlive(helper.identity)).toBe(true);
  expect(existsSync(helper.directory)).toBe(true);
  expect(existsSync(join(run.directory, "logs", "redis.log"))).toBe(true);
  await run[Symbol.asyncDispose]();
  expect(isAlive(helper.identity)).toBe(false);
  expect(existsSync(helper.directory)).toBe(false);
});

test("starts a cluster whose masters share the slots, with the settings of one store each, and ends all of it", async () => {
  const { redis, providers } = await run.provide({ cluster: true, store: "aof-always" });
  expect(redis.nodes).toHaveLength(3);
  expect(redis.settings).toMatchObject({ appendfsync: "always", "cluster-enabled": "yes" });
  expect(providers).toEqual({ redis: "started by the run: a cluster of 3 masters" });
  for (const node of redis.nodes ?? []) {
    const info = await askOnce(node, "CLUSTER INFO");
    for (const part of ["cluster_state:ok", "cluster_slots_assigned:16384", "cluster_known_nodes:3", "cluster_size:3"])
      expect(info).toContain(part);
  }
  const helpers = run.lines().flatMap((line) => (line.type === "helper" ? [line] : []));
  expect(helpers.map(({ directory }) => directory !== undefined && existsSync(directory))).toEqual([true, true, true]);
  await run[Symbol.asyncDispose]();
  expect(helpers.map(({ identity }) => isAlive(identity))).toEqual([false, false, false]);
  expect(helpers.map(({ directory }) => directory !== undefined && existsSync(directory))).toEqual([
    false,
    false,
    false,
  ]);
});

test("a cluster is neither given nor put into containers, and a Toxiproxy apart reaches one store only", async () => {
  const cluster = { cluster: true, needsProxy: true };
  expect(await message(run.provide({ ...cluster, redis: "127.0.0.1:6379" }))).toContain("leave --redis out");
  const apart = { toxiproxy: "127.0.0.1:8474", toxiproxyPorts: "20000-20031", toxiproxyRedis: "redis:6379" };
  expect(await message(run.provide({ ...cluster, ...apart }))).toContain("have toxiproxy-server on this machine");
  vi.stubEnv("PATH", join(run.directory, "empty"));
  vi.stubEnv("XDG_CACHE_HOME", join(run.directory, "cache"));
  vi.stubEnv("WHITEWATER_REDIS_SERVER", "");
  expect(await message(run.provide({ cluster: true }))).toContain("install redis-server");
});

test("starts a Toxiproxy and lays links through it", async () => {
  const environment = await run.provide({ needsProxy: true });
  expect(environment.providers).toEqual({ redis: "started by the run", toxiproxy: "started by the run" });
  const link = await environment.createLink("link:worker:3", "commands");
  expect(link.name).toBe("worker-3-commands");
  expect(link.listen.port).toBeLessThan(32_768);
  await askOnce(link.listen, "SET through it");
  expect(await askOnce(environment.redis.address, "GET through")).toBe("it");
  const helpers = run.lines().flatMap((line) => (line.type === "helper" ? [line] : []));
  expect(helpers.map(({ name }) => name)).toEqual(["redis-server", "toxiproxy-server"]);
  await run[Symbol.asyncDispose]();
  expect(helpers.filter(({ identity }) => isAlive(identity))).toEqual([]);
});

test("uses a Redis and a Toxiproxy that were given, and leaves them as they were", async () => {
  const mine = await run.provide({ needsProxy: true, store: "memory" });
  const api = mine.toxiproxy?.api ?? expect.fail("no Toxiproxy");
  await using another = await scratchRun();
  const given = {
    redis: `127.0.0.1:${mine.redis.address.port}`,
    toxiproxy: `127.0.0.1:${api.port}`,
    needsProxy: true,
  };
  const environment = await another.provide(given);
  expect(environment.providers).toEqual({ redis: "given", toxiproxy: "given" });
  expect(environment.redis.store).toBeUndefined();
  const link = await environment.createLink("link:worker:0", "commands");
  expect(await askOnce(link.listen, "PING")).toBe("+PONG");
  await another[Symbol.asyncDispose]();
  expect(await (await fetch(`http://${given.toxiproxy}/proxies`)).json()).toEqual({});
  expect(await askOnce(mine.redis.address, "PING")).toBe("+PONG");
  expect(await proxyControl(api).version()).toBe(mine.versions["toxiproxy"]);
});

test("a Redis that was given is not stopped by a fault", async () => {
  expect(await message(run.provide({ redis: "127.0.0.1:6379", needsStore: true }))).toContain("leave --redis out");
});

test.each(["6379", "localhost", "host:0", "host:99999", "a b:1"])("refuses the address %s", async (redis) => {
  expect(await message(run.provide({ redis }))).toContain("HOST:PORT");
});

test("says so when nothing listens at a given address", async () => {
  const server = createServer();
  const nobody = await listening(server);
  server.close();
  expect(await message(run.provide({ redis: nobody }))).toMatch(/Redis at .* cannot be used: .*ECONNREFUSED/);
  expect(await message(run.provide({ toxiproxy: nobody, needsProxy: true }))).toMatch(/no Toxiproxy at .*ECONNREFUSED/);
});

test("says so when a given port is in use by something else", async () => {
  const server = createServer((socket) =>
    socket.on("error", () => {}).end("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"),
  );
  const other = await listening(server);
  try {
    expect(await message(run.provide({ redis: other }))).toContain(
      `${other} is in use by something that is not a Redis. `,
    );
    expect(await message(run.provide({ toxiproxy: other, needsProxy: true }))).toContain(`no Toxiproxy at ${other}`);
  } finally {
    server.close();
  }
});

test("refuses a Redis and a Toxiproxy that are too old", async () => {
  const old = createServer((socket) => socket.on("error", () => {}).write("$21\r\nredis_version:6.2.14\r\n\r\n"));
  const web = createServer((socket) =>
    socket.on("error", () => {}).end('HTTP/1.1 200 OK\r\ncontent-length: 19\r\n\r\n{"version":"2.4.0"}'),
  );
  try {
    expect(await message(run.provide({ redis: await listening(old) }))).toMatch(/version 6\.2\.14.*7\.0 or newer/);
    expect(await message(run.provide({ toxiproxy: await listening(web), needsProxy: true }))).toMatch(
      /version 2\.4\.0.*2\.5 or newer/,
    );
  } finally {
    old.close();
    web.close();
  }
});

test("tells a Valkey by its own name and version", () => {
  expect(versionIn("# Server\r\nredis_version:7.2.4\r\nvalkey_version:9.1.2\r\n")).toBe("7.2.4 (Valkey 9.1.2)");
  expect(versionIn("# Server\r\nredis_version:8.0.6\r\n")).toBe("8.0.6");
});

test("names the component and all ways to provide it where there is none", async () => {
  vi.stubEnv("PATH", join(run.directory, "empty"));
  vi.stubEnv("WHITEWATER_CONTAINERS", "none");
  vi.stubEnv("XDG_CACHE_HOME", join(run.directory, "cache"));
  vi.stubEnv("WHITEWATER_REDIS_SERVER", "");
  vi.stubEnv("WHITEWATER_TOXIPROXY_SERVER", "");
  const text = await message(run.provide());
  for (const part of ["redis-server 7.0 or newer", "--redis HOST:PORT", "apt-get install", "WHITEWATER_REDIS_SERVER"]) {
    expect(text).toContain(part);
  }
  expect(await inspectEnvironment()).toMatchObject([
    { component: "redis-server", found: undefined },
    { component: "toxiproxy-server", found: undefined },
  ]);
});

test("a variable that names no program is an error, and never passed over", async () => {
  vi.stubEnv("WHITEWATER_REDIS_SERVER", join(run.directory, "nothing"));
  expect(await message(run.provide())).toContain("WHITEWATER_REDIS_SERVER names");
});

test("tells what a program said that does not start", async () => {
  vi.stubEnv("WHITEWATER_REDIS_SERVER", await script("redis-server", "echo 'FATAL: no such luck'; exit 7"));
  expect(await message(run.provide())).toMatch(/does not start: it ended with 7: FATAL: no such luck/);
});

test("finds programs in the cache, and tells their versions", async () => {
  vi.stubEnv("WHITEWATER_CONTAINERS", "none");
  const server = await script("toxiproxy-server", "echo toxiproxy-server version 2.12.0");
  vi.stubEnv("WHITEWATER_TOXIPROXY_SERVER", server);
  expect((await inspectEnvironment())[1]).toMatchObject({ found: { path: server, version: "2.12.0" } });
  const cached = join(run.directory, "whitewater", "bin", "toxiproxy-server");
  await mkdir(join(cached, ".."), { recursive: true });
  await writeFile(cached, "#!/bin/sh\necho toxiproxy-server version 2.9.0\n", { mode: 0o755 });
  vi.stubEnv("WHITEWATER_TOXIPROXY_SERVER", "");
  vi.stubEnv("PATH", join(run.directory, "empty"));
  vi.stubEnv("XDG_CACHE_HOME", run.directory);
  expect((await inspectEnvironment())[1]).toMatchObject({ found: { path: cached, version: "2.9.0" } });
});
