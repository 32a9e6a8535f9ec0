/**
 * Mutants that live in a folder outside: each module in it whose default export is a mutant is one, named like its
 * file. All processes of a run load the catalogues from one module, so the folder is given one that extends the user's
 * own with it.
 */
import { mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join, parse, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { UserError } from "../../std/user-error.ts";

export interface Folder {
  /** The module that was written: its default export is the catalogues with the folder's modules among the systems. */
  readonly configuration: string;
  /** Of the modules: those that are no mutants, such as what these share, among them. */
  readonly names: readonly string[];
}

const moduleEnding = /(?<!\.test|\.d)\.[cm]?[jt]s$/;

/**
 * @param base the module of the catalogues that are extended
 * @param into the directory in which the module is written
 * @throws UserError when it is no folder, or holds no module
 */
export function configurationOfFolder(folder: string, base: string, into: string): Folder {
  const modules = modulesIn(resolve(folder));
  const members = modules.map(
    (file) => `    ${JSON.stringify(parse(file).name)}: () => import(${addressOf(join(resolve(folder), file))}),`,
  );
  const text = [
    `// Written by \`whitewater mutants --from\`; a run of it is judged again with \`whitewater recheck --config\` and this file.`,
    `import base from ${addressOf(base)};`,
    "",
    "export default base.extend({",
    "  systems: {",
    ...members,
    "  },",
    "});",
    "",
  ].join("\n");
  mkdirSync(into, { recursive: true });
  const configuration = join(resolve(into), "mutants-configuration.mjs");
  writeFileSync(configuration, text);
  return { configuration, names: modules.map((file) => parse(file).name) };
}

const addressOf = (file: string): string => JSON.stringify(pathToFileURL(file).href);

function modulesIn(folder: string): readonly string[] {
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
    throw new UserError(`--from takes a folder with mutants, and ${folder} is none`);
  const modules = readdirSync(folder)
    .filter((name) => moduleEnding.test(name))
    .toSorted();
  if (modules.length === 0)
    throw new UserError(
      `${folder} holds no module: a mutant is a file such as ${join(folder, "forgets.ts")} whose default export is a \`Mutant\` of "whitewater"`,
    );
  return modules;
}
