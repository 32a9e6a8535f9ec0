/**
 * What a module reaches for, in every way that JavaScript and this project have: read from its syntax tree, not by
 * patterns.
 */
import { posix } from "node:path";
import { parseSync } from "oxc-parser";

export interface Source {
  /** Relative to the root of the repository, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Reference {
  /** `process`: a module named by URL, to be started; `computed`: an import that says only at run time of what. */
  readonly kind: "value" | "type" | "process" | "computed";
  /** A path relative to the root, or the name of a package; for `computed` as much of it as stands in the source. */
  readonly target: string;
  readonly isOurs: boolean;
  readonly line: number;
}

/** A node of the ESTree; only `type` and `start` are sure. */
export type Node = { readonly type: string; readonly start: number } & Readonly<Record<string, unknown>>;

/** @throws Error when the text is not a module */
export function parse(source: Source): Node {
  const { program, errors } = parseSync(source.path, source.text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${source.path}: ${error.message}`);
  if (!isNode(program)) throw new Error(`${source.path}: the parser gave no tree`);
  return program;
}

/** Those that end with their line, without the slashes. */
export const commentsOf = ({ path, text }: Source): { readonly text: string; readonly line: number }[] =>
  parseSync(path, text)
    .comments.filter(({ type }) => type === "Line")
    .map(({ value, start }) => ({ text: value, line: lineOf(text, start) }));

export const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string" && "start" in value;

/** Every node of a tree, parents first. */
export function* nodesOf(root: Node): Generator<Node> {
  yield root;
  for (const value of Object.values(root)) {
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* nodesOf(child);
  }
}

export const lineOf = (text: string, offset: number): number => text.slice(0, offset).split("\n").length;

export function references(source: Source, tree: Node = parse(source)): Reference[] {
  return [...nodesOf(tree)].flatMap((node) => {
    const found = referenceOf(node);
    if (found === undefined) return [];
    return [{ ...found, ...resolved(source.path, found), line: lineOf(source.text, node.start) }];
  });
}

type Found = Pick<Reference, "kind" | "target">;

function referenceOf(node: Node): Found | undefined {
  switch (node.type) {
    case "ImportDeclaration":
      return named(isTypeOnly(node, "importKind") ? "type" : "value", node["source"]);
    case "ExportNamedDeclaration":
      return named(isTypeOnly(node, "exportKind") ? "type" : "value", node["source"]);
    case "ExportAllDeclaration":
      return named(node["exportKind"] === "type" ? "type" : "value", node["source"]);
    case "TSImportType":
      return named("type", node["source"] ?? node["argument"]);
    case "TSExternalModuleReference":
      return named("value", node["expression"]);
    case "ImportExpression":
      return named("value", node["source"]);
    case "CallExpression":
      return called(node);
    case "NewExpression":
      return started(node);
    default:
      return undefined;
  }
}

/** `import type { a }`, and `import { type a, type b }` with nothing else in it. */
function isTypeOnly(node: Node, kind: "importKind" | "exportKind"): boolean {
  if (node[kind] === "type") return true;
  const names = node["specifiers"];
  return Array.isArray(names) && names.length > 0 && names.every((name) => isNode(name) && name[kind] === "type");
}

/**
 * `require("x")`, `require.resolve("x")`, `import.meta.resolve("x")`, and `sibling(import.meta.url, "./x")`, which
 * starts a process.
 */
function called(node: Node): Found | undefined {
  const [first, second] = listOf(node["arguments"]);
  switch (nameOf(node["callee"])) {
    case "require":
      return named("value", first);
    case "require.resolve":
    case "import.meta.resolve":
      return textOf(first)?.isWhole ? named("value", first) : undefined; // loads nothing; loading it is seen where it is done
    case "sibling":
      return named("process", second);
    default:
      return undefined;
  }
}

/** `new URL("./x.ts", import.meta.url)`, and `new Worker("./x.ts")`; a URL of something else is none of ours. */
function started(node: Node): Found | undefined {
  const [first, base] = listOf(node["arguments"]);
  const name = nameOf(node["callee"]);
  if (name === "URL" && nameOf(base) === "import.meta.url") {
    const found = named("process", first);
    return found && { ...found, target: found.target.replace(/^(?=\w)(?![a-z]+:)/, "./") };
  }
  return name === "Worker" && textOf(first)?.text.startsWith(".") ? named("process", first) : undefined;
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** `a`, `a.b` or `import.meta.a` in words. */
function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "Identifier") return typeof node["name"] === "string" ? node["name"] : undefined;
  if (node.type === "MetaProperty") return "import.meta";
  if (node.type !== "MemberExpression" || node["computed"] === true) return undefined;
  const object = nameOf(node["object"]);
  const property = nameOf(node["property"]);
  return object === undefined || property === undefined ? undefined : `${object}.${property}`;
}

function named(kind: Reference["kind"], node: unknown): Found | undefined {
  if (node === null || node === undefined) return undefined; // an export of the module's own
  const said = textOf(node);
  if (said === undefined) return { kind: "computed", target: "" };
  return { kind: said.isWhole ? kind : "computed", target: said.text };
}

/** A string, or a template up to its first hole. */
function textOf(node: unknown): { readonly text: string; readonly isWhole: boolean } | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === "TSLiteralType") return textOf(node["literal"]);
  if (node.type === "Literal" && typeof node["value"] === "string") return { text: node["value"], isWhole: true };
  if (node.type !== "TemplateLiteral") return undefined;
  const [first] = listOf(node["quasis"]);
  const value: unknown = isNode(first) ? first["value"] : undefined;
  const text = typeof value === "object" && value !== null && "cooked" in value ? String(value.cooked) : "";
  return { text, isWhole: listOf(node["expressions"]).length === 0 };
}

/** Our own package by its name is our own door. */
const doors: Readonly<Record<string, string>> = { whitewater: "index.ts", "whitewater-engine": "engine/index.ts" };

function resolved(from: string, { target }: Found): Pick<Reference, "target" | "isOurs"> {
  const door = doors[target];
  if (door !== undefined) return { target: door, isOurs: true };
  const isOurs = target.startsWith(".");
  return { target: isOurs ? posix.join(posix.dirname(from), target) : target, isOurs };
}
