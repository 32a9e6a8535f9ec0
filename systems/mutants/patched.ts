/**
 * A script of the engine with one of its lines changed. Throws where the line is not found: the mutant has to follow
 * the engine.
 */
import { scriptOf, type Script } from "../../engine/redis/script.ts";

/** @param changes what stands there, and what is to stand there instead; each is there exactly once */
export function patched(script: Script, changes: Readonly<Record<string, string>>): Script {
  const lua = Object.entries(changes).reduce((text, [what, instead]) => {
    const parts = text.split(what);
    if (parts.length !== 2)
      throw new Error(
        `the engine's script has "${what}" ${parts.length - 1} times, not once: this mutant has to follow it`,
      );
    return parts.join(instead);
  }, script.lua);
  return scriptOf(lua);
}
