#!/usr/bin/env node
/** The installed command. Plain JavaScript, so that an old Node can find a new one and hand over to it. */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { provideCompiler } from "./setup/compiler.mjs";
import { findNode } from "./setup/node.mjs";
import { say, SetupError } from "./setup/say.mjs";
import { byContainer, provideRedis, provideToxiproxy } from "./setup/servers.mjs";

const room = dirname(fileURLToPath(import.meta.url));
/** The package ships JavaScript only, since Node runs no TypeScript inside node_modules; a checkout runs its sources. */
const source = join(room, "main.ts");
const isCheckout = existsSync(source);
const program = isCheckout ? source : join(room, "..", "dist", "cli", "main.js");
const imageProgram = isCheckout
  ? join(room, "..", "harness", "environment", "image-process.ts")
  : join(room, "..", "dist", "harness", "environment", "image-process.js");

// Whoever read what is said is gone: no reason to end, or to end otherwise.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

try {
  if (process.argv[2] === "setup") {
    const container = byContainer(findNode(), imageProgram);
    provideRedis(container);
    provideToxiproxy(container);
    provideCompiler();
  }
  await handOver(findNode());
} catch (error) {
  // 1 is what a broken promise ends with.
  process.exitCode = error instanceof SetupError ? 3 : 2;
  if (error instanceof SetupError) say(error.message);
  else console.error(error);
}

/** @param {string} node */
async function handOver(node) {
  if (node === process.execPath) {
    process.argv[1] = program;
    await import(pathToFileURL(program).href);
    return;
  }
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: "inherit" });
  // A terminal sends Ctrl-C to both of us; every other signal reaches only this process.
  process.on("SIGINT", () => process.stdin.isTTY || child.kill("SIGINT"));
  for (const name of /** @type {const} */ (["SIGTERM", "SIGHUP"])) process.on(name, () => child.kill(name));
  child.on("error", (error) => {
    say(`${node} cannot be started: ${error.message}`);
    process.exitCode = 3;
  });
  child.on("exit", (code, signal) => {
    process.exitCode = code ?? 2;
    if (signal !== null) {
      process.removeAllListeners(signal);
      process.kill(process.pid, signal); // oxlint-disable-line no-restricted-properties -- itself: it ends as its child did
    }
  });
}
