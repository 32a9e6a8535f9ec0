/** A script of the engine with parts of its text replaced: a test of what it is for has to notice. */
import { scriptOf, type Script } from "../redis/script.ts";

/** @param changes what stands there, and what is to stand there instead */
export const changedScript = (script: Script, changes: Readonly<Record<string, string>>): Script =>
  scriptOf(Object.entries(changes).reduce((lua, [what, instead]) => lua.replace(what, () => instead), script.lua));
