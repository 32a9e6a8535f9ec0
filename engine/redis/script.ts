/** Loads the `.lua` files. A script's header says which keys it takes; the call is held against it. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Script {
  readonly lua: string;
  readonly sha: string;
  /** What its keys are, in order. */
  readonly keys: readonly string[];
}

const luaOf = (name: string): string => readFileSync(new URL(`scripts/${name}.lua`, import.meta.url), "utf8");

/**
 * @param name of a file in `scripts/`, without its ending; a line `-- USES  other` in it stands for the text of that
 * one
 */
export const script = (name: string): Script =>
  scriptOf(luaOf(name).replace(/^-- USES {2}(\w+)$/m, (_, used: string) => luaOf(used).trimEnd()));

export function scriptOf(lua: string): Script {
  const keys = /^-- KEYS {2}(.+)$/m.exec(lua)?.[1]?.split(", ");
  if (keys === undefined) throw new Error(`a script has no line "-- KEYS  ...": ${lua.slice(0, 80)}`);
  return { lua, sha: createHash("sha1").update(lua).digest("hex"), keys };
}
