/** What a consumer says of itself: it joins, beats, hands back and leaves. */
import type { StepAnswers } from "./step-answers.ts";
import { stepEntriesMax } from "./bounds.ts";
import { group, released } from "./keys.ts";
import type { scripts, Steps, Tools } from "./steps.ts";

export function memberSteps(
  { commands, reader, keys: { jobs, workers, settled, delayed, dead, suspects } }: Tools,
  { value, done, yesOrNo }: StepAnswers,
  lua: typeof scripts,
): Pick<Steps, "join" | "beat" | "unblock" | "release" | "leave"> {
  return {
    join: (consumer) =>
      done(commands.run(lua.join, [jobs, workers, settled, delayed, dead, suspects], [group, consumer])),
    beat: (consumer) => yesOrNo(commands.run(lua.beat, [workers], [consumer])),
    async unblock() {
      const id = reader.clientId();
      if (id !== undefined) await commands.command("CLIENT", "UNBLOCK", id);
    },
    release: (consumer, entries) => done(commands.run(lua.release, [jobs], [group, consumer, released, ...entries])),
    async leave(consumer) {
      for (;;) {
        const left = await value(
          commands.run(lua.leave, [jobs, workers, settled], [group, consumer, released, stepEntriesMax]),
        );
        if (left === undefined) return undefined;
        if (left === 1) return true;
      }
    },
  };
}
