/**
 * Whatever a person gets wrong has one message that names it and says what would be right, exit code 3, and nothing
 * left behind.
 */
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer as createWebServer } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { onFreePort } from "../std/free-port.ts";
import { cases, configurations, run } from "./mistakes.ts";
import { aliveOf, whitewater } from "../cli/testing/whitewater.ts";

const timeout = 300_000;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "whitewater-test-bad-"));
  writeFileSync(join(folder, "file"), "");
  for (const [name, text] of Object.entries(configurations)) writeFileSync(join(folder, `${name}.ts`), text);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(Object.entries(cases))("%s", { timeout }, async (_name, { words, says, variables }) => {
  expect(await ending(words, says, variables)).toEqual(complaint);
});

test("a machine without toxiproxy-server, when a fault needs one", { timeout }, async () => {
  const redis = await listening(createServer((socket) => socket.on("data", () => socket.write(info("7.2.4")))));
  const variables = {
    PATH: "",
    HOME: "",
    XDG_CACHE_HOME: "nowhere",
    WHITEWATER_TOXIPROXY_SERVER: "",
    WHITEWATER_CONTAINERS: "none",
  };
  expect(
    await ending(
      run("cut", "--redis", redis.address),
      [
        "needs toxiproxy-server 2.5 or newer",
        "whitewater setup",
        "WHITEWATER_TOXIPROXY_SERVER=",
        "--toxiproxy HOST:PORT",
      ],
      variables,
    ),
  ).toEqual(complaint);
  redis.close();
});

test("an address at which nobody listens", { timeout }, async () => {
  const address = await onFreePort(async (port) => `127.0.0.1:${port}`);
  expect(
    await ending(run("small", "--redis", address), [
      `the Redis at ${address} (--redis) cannot be used`,
      "ECONNREFUSED",
      "leave --redis out",
    ]),
  ).toEqual(complaint);
  expect(
    await ending(run("cut", "--toxiproxy", address), [
      `no Toxiproxy at ${address} (--toxiproxy)`,
      "ECONNREFUSED",
      "leave --toxiproxy out",
    ]),
  ).toEqual(complaint);
});

test("a Redis that is too old", { timeout }, async () => {
  const old = await listening(createServer((socket) => socket.on("data", () => socket.write(info("6.2.14")))));
  expect(
    await ending(run("small", "--redis", old.address), [
      `the Redis at ${old.address} is version 6.2.14`,
      "needs redis-server 7.0 or newer",
    ]),
  ).toEqual(complaint);
  old.close();
});

test("a port that is in use by something else", { timeout }, async () => {
  const web = await listening(createWebServer((_request, response) => response.end("hello")));
  expect(
    await ending(run("small", "--redis", web.address), [
      `${web.address} is in use by something that is not a Redis`,
      "leave --redis out",
    ]),
  ).toEqual(complaint);
  expect(
    await ending(run("cut", "--toxiproxy", web.address), [`no Toxiproxy at ${web.address}`, "leave --toxiproxy out"]),
  ).toEqual(complaint);
  web.close();
});

const info = (version: string): string => {
  const text = `# Server\r\nredis_version:${version}\r\n`;
  return `$${text.length}\r\n${text}\r\n`;
};

async function listening(server: Server): Promise<{ readonly address: string; close(): void }> {
  server.on("connection", (socket) => socket.on("error", () => {}));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("it has no port");
  return { address: `127.0.0.1:${bound.port}`, close: () => void server.close() };
}

/** How a command with a mistake in it ends. */
const complaint = { code: 3, messages: 1, unsaid: [], stack: [], left: [], output: undefined };

/** How this one ended: its whole output, too, unless it said all that it should. */
async function ending(
  words: readonly string[],
  says: readonly (string | RegExp)[],
  variables: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  const { code, output } = await whitewater(words, folder, { ...process.env, ...variables }).ended;
  const told = stripVTControlCharacters(output);
  const [, ...messages] = told.split(/^whitewater: /m);
  const unsaid = says.filter((what) =>
    typeof what === "string" ? messages[0]?.includes(what) !== true : !what.test(messages[0] ?? ""),
  );
  return {
    code,
    messages: messages.length,
    unsaid,
    stack: told.split("\n").filter((line) => /^\s+at .*:\d+/.test(line)),
    left: [...runs().flatMap(aliveOf), ...commandLines().filter((line) => line.includes(folder))],
    output: unsaid.length === 0 ? undefined : told,
  };
}

/** All run directories that were made so far. */
const runs = (): readonly string[] =>
  Object.keys(configurations)
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .flatMap((path) => readdirSync(path).map((name) => join(path, name)));

/** Of all processes, where the machine tells them: what is in no journal is found too. */
const commandLines = (): readonly string[] =>
  existsSync("/proc/self/cmdline")
    ? readdirSync("/proc").flatMap((pid) => {
        try {
          return /^\d+$/.test(pid) ? [readFileSync(`/proc/${pid}/cmdline`, "latin1")] : [];
        } catch {
          return []; // gone meanwhile
        }
      })
    : [];
