/** How long a function may be, as a program that gives its reason. */
import { commentsOf, isNode, lineOf, nodesOf, parse, type Node, type Source } from "./references.ts";

const longestLines = 60;

export interface FoundFunction {
  readonly name: string;
  readonly node: Node;
  /** Where it begins; its name, where this stands before it. */
  readonly start: number;
  readonly lines: number;
}

export const complaints = (sources: readonly Source[]): string[] => sources.flatMap(complaintsOf);

function complaintsOf(source: Source): string[] {
  const { path, text } = source;
  const long = functionsIn(source)
    .filter(({ lines }) => lines > longestLines)
    .map((one) => ({ ...one, line: lineOf(text, one.start) }));
  const reasons = reasonsIn(source);
  return [
    ...long
      .filter(({ line }) => !reasons.some((reason) => reason.of === line && reason.why !== ""))
      .map(
        ({ name, line, lines }) =>
          `${path}:${line} ${name} has ${lines} lines (at most ${longestLines}): it does not fit a screen. ` +
          "Cut it by what its parts are for, or say directly above it why not: // long: why",
      ),
    ...reasons
      .filter(({ of }) => !long.some(({ line }) => line === of))
      .map(({ line }) => `${path}:${line} says why a function is long, and there is none below it: take it away`),
  ];
}

const kinds = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

export function functionsIn(source: Source): FoundFunction[] {
  const nodes = [...nodesOf(parse(source))];
  const named = new Map(nodes.flatMap(namedFunction));
  return nodes
    .filter(({ type }) => kinds.has(type))
    .map((node) => {
      const { name = "a function", start: nameStart = node.start } = named.get(node.start) ?? {};
      const start = Math.min(nameStart, node.start);
      return { name, node, start, lines: source.text.slice(start, Number(node["end"])).split("\n").length };
    });
}

/** Where a function begins, what it is called there, and where that stands. */
function namedFunction(node: Node): (readonly [number, { readonly name: string; readonly start: number }])[] {
  const [id, value] =
    node.type === "VariableDeclarator"
      ? [node["id"], node["init"]]
      : node.type === "Property" || node.type === "MethodDefinition"
        ? [node["key"], node["value"]]
        : [node["id"], node];
  return isNode(value) && kinds.has(value.type) && isNode(id) && typeof id["name"] === "string"
    ? [[value.start, { name: id["name"], start: id.start }]]
    : [];
}

interface LongReason {
  readonly why: string;
  readonly line: number;
  /** The first line below the comment, which may have several. */
  readonly of: number;
}

function reasonsIn(source: Source): LongReason[] {
  const comments = new Map(commentsOf(source).map(({ text, line }) => [line, text]));
  return [...comments].flatMap(([line, text]) => {
    const why = /^ long:(.*)$/.exec(text)?.[1]?.trim();
    if (why === undefined) return [];
    let of = line + 1;
    while (comments.has(of)) of++;
    return [{ why, line, of }];
  });
}
