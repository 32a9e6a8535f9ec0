#!/usr/bin/env node
/**
 * Makes a checkout ready and prints the path of the Node that runs it: packages, a current Node, a redis-server, a
 * toxiproxy-server, a C compiler. Says each step that it takes, and nothing when there is nothing to do.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { provideCompiler } from "./setup/compiler.mjs";
import { installDependencies } from "./setup/dependencies.mjs";
import { findNode } from "./setup/node.mjs";
import { say, SetupError } from "./setup/say.mjs";
import { byContainer, provideRedis, provideToxiproxy } from "./setup/servers.mjs";

/** The arguments of the program that is started next: what they give needs not be found. */
const given = process.argv.slice(2);
const isGiven = (/** @type {string} */ option) =>
  given.some((argument) => argument === option || argument.startsWith(`${option}=`));

try {
  const root = join(dirname(fileURLToPath(import.meta.url)), "..");
  const node = findNode();
  installDependencies(root, node);
  const container = byContainer(node, join(root, "harness", "environment", "image-process.ts"));
  if (!isGiven("--redis")) provideRedis(container);
  if (!isGiven("--toxiproxy")) provideToxiproxy(container);
  provideCompiler();
  process.stdout.write(`${node}\n`);
} catch (error) {
  // 1 is what a broken promise ends with.
  process.exitCode = error instanceof SetupError ? 3 : 2;
  if (error instanceof SetupError) say(error.message);
  else console.error(error);
}
