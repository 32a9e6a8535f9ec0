/** What must hold for every function of the rooms that keep it, as a program that gives its reason. */
import { lineOf, nodesOf, parse, type Node, type Source } from "./references.ts";

/** Rooms whose functions are short and ask for little; a room is added when it is. */
export const rooms = ["engine/redis", "engine/std", "engine/worker", "fleet"];

const longestLines = 60;
const dependenciesMax = 6;

/** `path name` of longer ones, each with why it cannot be cut without loss. */
const longFunctions: Readonly<Record<string, string>> = {};

export function complaints(
  sources: readonly Source[],
  excused: Readonly<Record<string, string>> = longFunctions,
): string[] {
  const functions = sources.flatMap(functionsIn);
  const isLong = ({ lines }: Found): boolean => lines > longestLines;
  const stale = Object.keys(excused).filter((name) => !functions.some((one) => nameOf(one) === name && isLong(one)));
  return [
    ...functions
      .filter((one) => isLong(one) && excused[nameOf(one)] === undefined)
      .map(
        (one) =>
          `${one.path}:${one.line} ${one.name} has ${one.lines} lines (at most ${longestLines}): it does not fit a ` +
          "screen. Cut it by what its parts are for, or say in rules/functions.ts why not",
      ),
    ...functions
      .filter(({ dependencies }) => dependencies > dependenciesMax)
      .map(
        ({ path, line, name, dependencies }) =>
          `${path}:${line} ${name} is given ${dependencies} things (at most ${dependenciesMax}): there is an object ` +
          "missing that some of them belong to",
      ),
    ...stale.map((name) => `${name} is excused in rules/functions.ts as long, and is not: take it off the list`),
  ];
}

interface Found {
  readonly path: string;
  readonly name: string;
  readonly line: number;
  readonly lines: number;
  /** Parameters, or what is taken out of one of them, or members that the type of one has: whatever is most. */
  readonly dependencies: number;
}

const nameOf = ({ path, name }: Found): string => `${path} ${name}`;

const kinds = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

function functionsIn(source: Source): Found[] {
  const { path, text } = source;
  const tree = parse(source);
  const names = new Map([...nodesOf(tree)].flatMap(namedFunction));
  return [...nodesOf(tree)]
    .filter(({ type }) => kinds.has(type))
    .map((node) => {
      const line = lineOf(text, node.start);
      const lines = lineOf(text, Number(node["end"])) - line + 1;
      return { path, name: names.get(node.start) ?? "a function", line, lines, dependencies: dependenciesOf(node) };
    });
}

/** Where a function begins, and what it is called there. */
function namedFunction(node: Node): (readonly [number, string])[] {
  const [id, value] =
    node.type === "VariableDeclarator"
      ? [node["id"], node["init"]]
      : node.type === "Property" || node.type === "MethodDefinition"
        ? [node["key"], node["value"]]
        : [node["id"], node];
  return isNode(value) && kinds.has(value.type) && isNode(id) && typeof id["name"] === "string"
    ? [[value.start, id["name"]]]
    : [];
}

function dependenciesOf(node: Node): number {
  const params = listOf(node["params"]);
  return Math.max(params.length, ...params.map(membersOf));
}

function membersOf(param: Node): number {
  const pattern = param.type === "AssignmentPattern" && isNode(param["left"]) ? param["left"] : param;
  const annotation = isNode(pattern["typeAnnotation"]) ? pattern["typeAnnotation"]["typeAnnotation"] : undefined;
  return Math.max(listOf(pattern["properties"]).length, isNode(annotation) ? listOf(annotation["members"]).length : 0);
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && "start" in value;
const listOf = (value: unknown): readonly Node[] => (Array.isArray(value) ? value.filter(isNode) : []);
