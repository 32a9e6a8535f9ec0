/** What of an environment is on this machine, and how to come by the rest: for `doctor`. Starts nothing. */
import { execFileSync } from "node:child_process";
import { images, inspectEngine } from "./containers.ts";
import { findProgram } from "./program.ts";
import { redisServer, toxiproxyServer, type Component } from "./ways.ts";

export interface Inspected {
  readonly component: string;
  /** Undefined when it is missing; the version is as the program tells it, or why it does not. */
  readonly found: { readonly path: string; readonly version: string } | undefined;
  readonly needed: string;
  readonly ways: readonly string[];
}

/** @throws UserError when a variable names what is no program */
export const inspectEnvironment = (): Promise<readonly Inspected[]> =>
  Promise.all([
    inspected(redisServer, ["--version"], images.redis),
    inspected(toxiproxyServer, ["-version"], images.toxiproxy),
  ]);

async function inspected(component: Component, words: readonly string[], image: string): Promise<Inspected> {
  const program = findProgram(component);
  const { needed, ways } = component;
  const found =
    "path" in program ? { path: program.path, version: versionOf(program.path, words) } : await contained(image);
  return { component: component.program, found, needed, ways };
}

async function contained(image: string): Promise<Inspected["found"]> {
  const engine = await inspectEngine();
  if ("unavailable" in engine) return undefined;
  return { path: `by the container engine ${engine.version}`, version: `in a container of ${image}` };
}

function versionOf(path: string, words: readonly string[]): string {
  try {
    const said = execFileSync(path, words, { encoding: "utf8", timeout: 20_000, stdio: ["ignore", "pipe", "ignore"] });
    return /\d+\.\d+(?:\.\d+)?/.exec(said)?.[0] ?? said.trim();
  } catch {
    return "unknown: it does not run";
  }
}
