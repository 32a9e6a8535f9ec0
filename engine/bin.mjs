#!/usr/bin/env node
/** The installed command. Plain JavaScript, so that an old Node says what it lacks instead of failing on a word it does not know. */
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const needed = 24;

/** Only the service needs them, so who has none may leave them out. */
const optional = ["fastify", "prom-client", "zod"];

/** The package ships JavaScript only, since Node runs no TypeScript inside node_modules; a checkout runs its sources. */
const room = dirname(fileURLToPath(import.meta.url));
const source = join(room, "service", "main.ts");
const program = existsSync(source) ? source : join(room, "dist", "service", "main.js");

if (Number(process.versions.node.split(".")[0]) < needed) {
  console.error(
    `engine: it needs Node ${needed} or newer, this is ${process.versions.node}: install one and start again`,
  );
  process.exitCode = 3;
} else {
  try {
    await import(pathToFileURL(program).href);
  } catch (error) {
    const missing = optional.some((name) => error instanceof Error && error.message.includes(`'${name}'`));
    if (!missing || Object(error).code !== "ERR_MODULE_NOT_FOUND") throw error;
    console.error(`engine: serve and work need what was left out of this install: npm install ${optional.join(" ")}`);
    process.exitCode = 3;
  }
}
