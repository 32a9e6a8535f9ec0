/** One word, one thing: what an exported type's name may not do, as a program that gives its reason. */
import { isNode, lineOf, parse, type Source } from "./references.ts";

/** Stand for things of the rooms under the same names, and are shipped to nobody. */
const isApart = (path: string): boolean => /^(bench|docs|rules|test)\/|(^|\/)testing\/|\.test\.ts$/.test(path);

/** A package of its own, whose users read these names without ours; ours has others who read only those. */
const packageDoor = "engine/index.ts";

interface Defined {
  readonly name: string;
  readonly room: string;
  readonly path: string;
  readonly line: number;
  /** What it is, without spaces and comments. */
  readonly text: string;
}

export function complaints(sources: readonly Source[]): string[] {
  const own = sources.filter(({ path }) => !isApart(path));
  const given = new Set(own.filter(({ path }) => path === packageDoor).flatMap(namesGiven));
  const byName = Map.groupBy(own.flatMap(definedIn), ({ name }) => name);
  return [...byName.values()].flatMap((all) => {
    const [first, ...others] = all.filter(({ name, room }) => room !== "engine" || !given.has(name));
    return others
      .filter(({ room, text }) => room !== first?.room && text !== first?.text)
      .map(
        ({ name, path, line }) =>
          `${path}:${line} ${name} is something else than in ${first?.path}:${first?.line}: ` +
          "whoever reads one takes it for the other. Call one of them by what tells it apart",
      );
  });
}

const statementsOf = (source: Source): readonly Record<string, unknown>[] => {
  const body = parse(source)["body"];
  return Array.isArray(body) ? body.filter(isNode) : [];
};

function definedIn(source: Source): Defined[] {
  const { path, text } = source;
  return statementsOf(source).flatMap((statement) => {
    const { declaration } = statement;
    if (!isNode(declaration) || !/^TS(Interface|TypeAlias)Declaration$/.test(declaration.type)) return [];
    const id = declaration["id"];
    if (!isNode(id)) return [];
    const written = text.slice(declaration.start, Number(declaration["end"]));
    return [
      {
        name: String(id["name"]),
        room: path.includes("/") ? path.slice(0, path.indexOf("/")) : path,
        path,
        line: lineOf(text, declaration.start),
        text: written.replaceAll(/\/\*.*?\*\/|\/\/.*$/gms, "").replaceAll(/\s/g, ""),
      },
    ];
  });
}

/** Names that a module exports from others. */
const namesGiven = (source: Source): readonly string[] =>
  statementsOf(source).flatMap(({ specifiers }) =>
    (Array.isArray(specifiers) ? specifiers.filter(isNode) : []).flatMap(({ exported }) =>
      isNode(exported) ? [String(exported["name"])] : [],
    ),
  );
