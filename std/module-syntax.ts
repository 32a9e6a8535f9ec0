/**
 * Loads modules as they are written: as an ES module also where the nearest package.json says `"type": "commonjs"`, as
 * one made by `npm init -y` does (Node then stops at its first `import`), and with imports that leave the ending out,
 * as TypeScript has them.
 */
import { readFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { fileURLToPath } from "node:url";
import { compileFunction } from "node:vm";

/** Nothing that only an ES module can say goes without one of these. */
const words = /\b(?:import|export|await)\b/;
/** What CommonJS gives to each module. */
const given = ["exports", "require", "module", "__filename", "__dirname"];

/** For every module that is loaded from now on, in this thread, and is not an installed package's. */
export function loadBySyntax(): void {
  registerHooks({
    load(url, context, nextLoad) {
      if (!isOwn.test(url) || !isOpen(context.format)) return nextLoad(url, context);
      const hasTypes = url.endsWith("ts");
      const format = `${isModule(url, hasTypes) ? "module" : "commonjs"}${hasTypes ? "-typescript" : ""}`;
      return nextLoad(url, { ...context, format });
    },
    resolve(specifier, context, nextResolve) {
      try {
        return nextResolve(specifier, context);
      } catch (thrown) {
        if (!/^\.\.?\//.test(specifier) || !isOwn.test(context.parentURL ?? "")) throw thrown;
        for (const meant of meantBy(specifier)) {
          try {
            return nextResolve(meant, context);
          } catch {
            continue; // what the first one says is told
          }
        }
        throw thrown;
      }
    },
  });
}

const isOwn = /^file:(?!.*\/node_modules\/).*\.[cm]?[jt]s$/;

/** Only a package.json says that it is CommonJS, or nothing does: then Node looks at the syntax as well, and warns. */
const isOpen = (format: string | null | undefined): boolean => !format?.startsWith("module");

/** As a TypeScript compiler resolves it. */
const meantBy = (specifier: string): readonly string[] => [
  ...["", "/index"].flatMap((rest) => [".ts", ".js"].map((ending) => specifier + rest + ending)),
  specifier.replace(/js$/, "ts"),
];

/** What does not compile as CommonJS is told as a module, too, should it not compile at all. */
function isModule(url: string, hasTypes: boolean): boolean {
  let source: string;
  try {
    source = readFileSync(fileURLToPath(url), "utf8");
    if (!words.test(source)) return false;
    if (hasTypes) source = withoutTypes(source);
  } catch {
    return false; // Node says why, better than we could
  }
  try {
    compileFunction(source.replace(/^#!.*/, ""), given);
    return false;
  } catch {
    return true;
  }
}

/** As Node does it by itself to what it loads; only that it is to be called by others is new, of which it warns. */
function withoutTypes(source: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return stripTypeScriptTypes(source);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** Whoever imports or requires `name` gets the module of that address, wherever the importing file lies. */
export function provideAs(name: string, url: string): void {
  registerHooks({
    resolve: (specifier, context, nextResolve) =>
      specifier === name ? { url, shortCircuit: true } : nextResolve(specifier, context),
  });
}

/**
 * Where to look for what a module gives: its default export, which a compiler may have wrapped, or all that CommonJS
 * exports.
 */
export function exportsOf(loaded: unknown): readonly unknown[] {
  const first = defaultOf(loaded);
  return [first, defaultOf(first), loaded];
}

const defaultOf = (value: unknown): unknown =>
  typeof value === "object" && value !== null && "default" in value ? value.default : undefined;
