/**
 * Which members a type has, followed through names, imports, Pick and the like over all modules, as far as they are
 * written out.
 */
import { isNode, nodesOf, parse, references, type Node, type Source } from "./references.ts";

export interface Member {
  readonly name: string;
  /** A function, or an object with methods, that hangs on it. Its own methods are what it is. */
  readonly isHandedOver: boolean;
}

/** Undefined for a type that is no object whose members are known; each is where it was written. */
export type MembersOf = (path: string, type: Node) => readonly Member[] | undefined;

export function membersIn(sources: readonly Source[]): MembersOf {
  const modules = new Map(sources.map((source) => [source.path, moduleOf(source)]));
  return (path, node) =>
    propertiesOf({ path, node }, modules)?.map(({ name, isMethod, value }) => ({
      name,
      isHandedOver: !isMethod && value !== undefined && acts(value, modules),
    }));
}

interface Place {
  readonly path: string;
  readonly node: Node;
}

interface Property {
  readonly name: string;
  readonly isMethod: boolean;
  readonly value: Place | undefined;
}

interface Module {
  readonly declared: ReadonlyMap<string, Node>;
  /** Name here to where it is declared, and under which name. */
  readonly imported: ReadonlyMap<string, readonly [path: string, name: string]>;
}

type Modules = ReadonlyMap<string, Module>;
type Properties = readonly Property[] | undefined;

function propertiesOf({ path, node }: Place, modules: Modules): Properties {
  const inside = (inner: unknown): Properties =>
    isNode(inner) ? propertiesOf({ path, node: inner }, modules) : undefined;
  switch (node.type) {
    case "TSTypeLiteral":
      return listOf(node["members"]).map((member) => propertyOf(path, member));
    case "TSInterfaceDeclaration": {
      const body = isNode(node["body"]) ? listOf(node["body"]["body"]) : [];
      const inherited = listOf(node["extends"]).flatMap((one) => referred({ path, node: one }, modules) ?? []);
      return [...body.map((member) => propertyOf(path, member)), ...inherited];
    }
    case "TSTypeAliasDeclaration":
    case "TSParenthesizedType":
      return inside(node["typeAnnotation"]);
    case "TSIntersectionType": {
      const parts = listOf(node["types"]).map(inside);
      return parts.every((part) => part === undefined) ? undefined : parts.flatMap((part) => part ?? []);
    }
    case "TSTypeReference":
      return referred({ path, node }, modules);
    default:
      return undefined;
  }
}

const wrappers: ReadonlySet<string> = new Set(["Readonly", "Partial", "Required", "Pick", "Omit"]);

function referred(place: Place, modules: Modules): Properties {
  const name = referredName(place) ?? "";
  const [of, keys] = isNode(place.node["typeArguments"]) ? listOf(place.node["typeArguments"]["params"]) : [];
  if (of === undefined || !wrappers.has(name)) {
    const found = declarationOf(place, modules);
    return found && propertiesOf(found, modules);
  }
  const all = propertiesOf({ path: place.path, node: of }, modules);
  if (keys === undefined) return all;
  const named = new Set([...nodesOf(keys)].map(({ value }) => value));
  return all?.filter((property) => named.has(property.name) === (name === "Pick"));
}

function declarationOf(place: Place, modules: Modules): Place | undefined {
  const name = referredName(place);
  const module = modules.get(place.path);
  if (name === undefined || module === undefined) return undefined;
  const [path, there] = module.declared.has(name) ? [place.path, name] : (module.imported.get(name) ?? ["", ""]);
  const node = modules.get(path)?.declared.get(there);
  return node && { path, node };
}

const referredName = ({ node }: Place): string | undefined => nameOf(node["typeName"] ?? node["expression"]);

/** It is a function, or an object that has some. */
function acts(place: Place, modules: Modules): boolean {
  const { path, node } = place;
  const either = (inner: unknown): boolean => isNode(inner) && acts({ path, node: inner }, modules);
  if (isFunction(node)) return true;
  if (node.type === "TSUnionType") return listOf(node["types"]).some(either);
  if (node.type === "TSParenthesizedType") return either(node["typeAnnotation"]);
  if (isFunction(declarationOf(place, modules)?.node["typeAnnotation"])) return true;
  return propertiesOf(place, modules)?.some(({ isMethod, value }) => isMethod || isFunction(value?.node)) ?? false;
}

const isFunction = (node: unknown): boolean => isNode(node) && node.type === "TSFunctionType";

function moduleOf(source: Source): Module {
  const declared = new Map<string, Node>();
  const imported = new Map<string, readonly [string, string]>();
  for (const statement of listOf(parse(source)["body"])) {
    const own = isNode(statement["declaration"]) ? statement["declaration"] : statement;
    const name = nameOf(own["id"]);
    if (/^TS(Interface|TypeAlias)Declaration$/.test(own.type) && name !== undefined) declared.set(name, own);
    if (statement.type !== "ImportDeclaration") continue;
    const [reference] = references(source, statement);
    if (reference === undefined || !reference.isOurs) continue;
    for (const { local, imported: there } of listOf(statement["specifiers"]))
      imported.set(nameOf(local) ?? "", [reference.target, nameOf(there) ?? "default"]);
  }
  return { declared, imported };
}

function propertyOf(path: string, member: Node): Property {
  const annotation = isNode(member["typeAnnotation"]) ? member["typeAnnotation"]["typeAnnotation"] : undefined;
  return {
    name: nameOf(member["key"]) ?? "",
    isMethod: member.type === "TSMethodSignature",
    value: isNode(annotation) ? { path, node: annotation } : undefined,
  };
}

const nameOf = (node: unknown): string | undefined =>
  isNode(node) && typeof node["name"] === "string" ? node["name"] : undefined;
const listOf = (value: unknown): readonly Node[] => (Array.isArray(value) ? value.filter(isNode) : []);
