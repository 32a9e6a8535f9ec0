/**
 * A folder that is a package of its own runs, tests and all, from a copy of itself: nothing in it reaches for a file
 * beside it, or for a package that its manifest does not name.
 */
import { isBuiltin } from "node:module";
import { references, type Reference, type Source } from "./references.ts";

/** Names of packages. */
export interface Declared {
  /** Whoever installs it has them. */
  readonly shipped: readonly string[];
  /** Whoever tests it has them as well. */
  readonly forTests: readonly string[];
}

/** @param folder of the package, such as `engine` */
export const complaints = (sources: readonly Source[], folder: string, declared: Declared): string[] =>
  sources
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .flatMap((source) =>
      references(source).flatMap((reference) => {
        const wrong = wrongWith(reference, folder, declared, isForTests(source.path));
        return wrong === undefined ? [] : [`${source.path}:${reference.line} ${wrong}`];
      }),
    );

const isForTests = (path: string): boolean => /\.test\.ts$|\.config\.ts$|\/testing\//.test(path);

function wrongWith(
  { kind, target, isOurs }: Reference,
  folder: string,
  { shipped, forTests }: Declared,
  mayTest: boolean,
): string | undefined {
  if (isOurs && !target.startsWith(`${folder}/`) && target !== folder)
    return `reaches for ${target}: ${folder}/ has to run from a copy of itself. Move what both need into ${folder}/testing/, or this test to test/`;
  if (isOurs || kind === "computed" || isBuiltin(target)) return undefined;
  const name = target.split("/", target.startsWith("@") ? 2 : 1).join("/");
  if (shipped.includes(name)) return undefined;
  if (!forTests.includes(name)) return `uses ${name}: ${folder}/package.json does not name it`;
  return mayTest ? undefined : `uses ${name}, which only tests have: ${folder}/package.json names it for development`;
}
