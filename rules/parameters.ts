/** How much a function may be given, as a program that gives its reason. */
import { functionsIn } from "./functions.ts";
import { membersIn, type MembersOf } from "./members.ts";
import { isNode, lineOf, type Node, type Source } from "./references.ts";

/** Whose functions ask for little. */
export const rooms = /^(engine|fleet|harness)\/(?!.*\btesting\/)/;

const dependenciesMax = 6;
/**
 * Functions, or objects with methods, that hang on a type: with fewer it is a record, or an object with methods of its
 * own, and one thing; with so many it is a bag, in which each member is one.
 */
const handedOverLeast = 2;

/** @param sources all of the repository, for the types that are named */
export function complaints(sources: readonly Source[]): string[] {
  const membersOf = membersIn(sources);
  const door = sources.find(({ path }) => path === "engine/index.ts")?.text ?? "";
  return sources
    .filter(({ path }) => rooms.test(path) && !path.endsWith(".test.ts"))
    .flatMap((source) =>
      functionsIn(source).flatMap(({ name, node, start }) => {
        const count = givenTo(node, source.path, membersOf, door);
        return count <= dependenciesMax
          ? []
          : [
              `${source.path}:${lineOf(source.text, start)} ${name} is given ${count} things (at most ${dependenciesMax}): there is an object ` +
                "missing that some of them belong to",
            ];
      }),
    );
}

/** Parameters, or what is taken out of one of them, or members that the type of one has: whatever is most. */
function givenTo(node: Node, path: string, membersOf: MembersOf, door: string): number {
  const params = listOf(node["params"]);
  return Math.max(params.length, ...params.map((param) => givenBy(param, path, membersOf, door)));
}

function givenBy(param: Node, path: string, membersOf: MembersOf, door: string): number {
  const pattern = param.type === "AssignmentPattern" && isNode(param["left"]) ? param["left"] : param;
  const taken = listOf(pattern["properties"]).length;
  const type = isNode(pattern["typeAnnotation"]) ? pattern["typeAnnotation"]["typeAnnotation"] : undefined;
  if (!isNode(type)) return taken;
  if (type.type === "TSTypeLiteral") return Math.max(taken, listOf(type["members"]).length);
  return Math.max(taken, isWrittenByUsers(type, door) ? 0 : bagSize(membersOf(path, type) ?? []));
}

const bagSize = (members: readonly { readonly isHandedOver: boolean }[]): number =>
  members.filter(({ isHandedOver }) => isHandedOver).length < handedOverLeast ? 0 : members.length;

/** Options that the engine's door gives away: their names are its users'. */
function isWrittenByUsers(type: Node, door: string): boolean {
  const name = isNode(type["typeName"]) ? String(type["typeName"]["name"]) : "";
  return name.endsWith("Options") && new RegExp(`\\b${name}\\b`).test(door);
}

const listOf = (value: unknown): readonly Node[] => (Array.isArray(value) ? value.filter(isNode) : []);
