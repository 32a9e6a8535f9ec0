/** What any consumer does for all who use the part: drops producer ids, forgets callers' keys, moves what is due. */
import type { StepAnswers } from "./step-answers.ts";
import { stepEntriesMax } from "./bounds.ts";
import { pairs, textOf } from "./reply.ts";
import type { scripts, Steps, Tools } from "./steps.ts";

export function upkeepSteps(
  { commands, keys: { jobs, delayed, sequences, clock, known, knownBefore, ticks } }: Tools,
  { value, yesOrNo }: StepAnswers,
  lua: typeof scripts,
): Pick<Steps, "sequences" | "dropSequence" | "ticks" | "tick" | "promote"> {
  return {
    async sequences() {
      const reply = await value(commands.command("HGETALL", sequences));
      return reply === undefined ? undefined : pairs(reply);
    },
    dropSequence: (producerId, number) => yesOrNo(commands.run(lua.forget, [sequences], [producerId, number])),
    async ticks() {
      const seen = await value(commands.command("GET", ticks));
      return seen === undefined ? undefined : textOf(seen);
    },
    tick: (seen, generation) => yesOrNo(commands.run(lua.tick, [known, knownBefore, ticks], [seen, generation])),
    async promote() {
      let moved = 0;
      for (;;) {
        const now = await value(commands.run(lua.promote, [delayed, jobs, clock], [stepEntriesMax]));
        if (typeof now !== "number") return undefined;
        moved += now;
        if (now === 0) return moved;
      }
    },
  };
}
