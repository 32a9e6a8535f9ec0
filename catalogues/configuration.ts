/** Finds and loads the catalogues in force: a user's `whitewater.config.ts`, or the package's own door. */
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { entrusted, ForeignError } from "../std/entrusted.ts";
import { exportsOf, loadBySyntax, provideAs } from "../std/module-syntax.ts";
import { sibling } from "../std/sibling.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import { loadMs, type Catalogues } from "./catalogues.ts";
import { expectMembers } from "./members.ts";

const names = ["ts", "mts", "cts", "js", "mjs", "cjs"].map((ending) => `whitewater.config.${ending}`);

loadBySyntax();
/** The one that runs, also for a module that lies where none is installed. */
provideAs("whitewater", pathToFileURL(sibling(import.meta.url, "../index")).href);

/** The configuration of a directory, or undefined where there is none. */
export const findConfiguration = (directory: string): string | undefined =>
  names.map((name) => join(directory, name)).find((file) => existsSync(file));

/**
 * @param file a module whose default export is a catalogue
 * @throws UserError naming the file, and what is wrong with it
 */
export async function loadCatalogues(file: string, ms = loadMs): Promise<Catalogues> {
  if (!existsSync(file)) throw new UserError(`there is no configuration at ${file}`);
  let found: Catalogues | undefined;
  try {
    found = exportsOf(await entrusted(file, () => import(pathToFileURL(file).href), ms)).find(isCatalogues);
  } catch (thrown) {
    if (thrown instanceof ForeignError) throw new UserError(thrown.message);
    const place = placeOf(thrown, file);
    throw new UserError(`${file} cannot be loaded: ${messageOf(thrown)}${place === undefined ? "" : ` (${place})`}`);
  }
  if (found !== undefined) return expectMembers(found, file);
  throw new UserError(
    `${file} must have \`export default builtin.extend({ ... })\`, with \`import { builtin } from "whitewater"\``,
  );
}

/** The line that does not parse, or the one of the configuration in which it was thrown, as far as the error tells. */
function placeOf(thrown: unknown, file: string): string | undefined {
  const stack = thrown instanceof Error ? (thrown.stack ?? "") : "";
  const unparsed = /^\S+:\d+$/m.exec(stack)?.[0];
  const line = /^\d+/.exec(stack.split(`${pathToFileURL(file).href}:`)[1] ?? "")?.[0];
  return unparsed ?? (line === undefined ? undefined : `line ${line}`);
}

const isCatalogues = (value: unknown): value is Catalogues =>
  typeof value === "object" &&
  value !== null &&
  ["systems", "faults", "checks", "scenarios", "measures", "reports", "extend"].every((key) => key in value);

/** A client library as the repository in `directory` has it. */
export interface Library {
  readonly version: string;
  load(): Promise<unknown>;
}

/** @throws UserError naming the package and how to install it */
export function library(name: string, directory: string): Library {
  let entry: string;
  try {
    entry = createRequire(join(resolve(directory), "whitewater.config.js")).resolve(name);
  } catch {
    throw new UserError(
      `the package "${name}" is not installed in ${resolve(directory)}: run \`npm install ${name}\` there`,
    );
  }
  return { version: versionOf(name, entry), load: () => import(pathToFileURL(entry).href) };
}

/** The version in the nearest package.json above the file that bears the name. */
export function versionOf(name: string, entry: string): string {
  for (let directory = dirname(entry); directory !== dirname(directory); directory = dirname(directory)) {
    const file = join(directory, "package.json");
    if (!existsSync(file)) continue;
    const described: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof described !== "object" || described === null || !("name" in described) || described.name !== name)
      continue;
    if ("version" in described && typeof described.version === "string") return described.version;
  }
  return "unknown";
}
