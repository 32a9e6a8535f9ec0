/** What a consumer does about the dead: it looks who is, takes their pending entries, and runs suspects. */
import type { StepAnswers } from "./step-answers.ts";
import { batchBytesMax, fitting, payloadBytesDefault } from "./bounds.ts";
import { redelivered } from "./entry.ts";
import { group, suspected } from "./keys.ts";
import { list, pairs, textOf } from "./reply.ts";
import type { scripts, Steps, Still, Tools } from "./steps.ts";

/**
 * A job that is delivered for this time was in the PELs of two workers that died: one of them may be by chance, two
 * rarely.
 */
const suspectDelivery = 3;
/** Of so many suspects each worker picks at random. */
const suspectsSeen = 30;

export function reclaimSteps(
  { commands, keys: { jobs, workers, watched, settled, suspects }, payloadBytesMax = payloadBytesDefault }: Tools,
  { value, done, yesOrNo }: StepAnswers,
  lua: typeof scripts,
): Pick<Steps, "survey" | "watch" | "bury" | "claim" | "suspects" | "isolate" | "absolve"> {
  return {
    async survey() {
      const reply = await value(commands.run(lua.survey, [jobs, workers, watched], [group]));
      if (reply === undefined) return undefined;
      const [counters, consumers, silent] = list(reply);
      const pending = new Map([...pairs(consumers)].map(([name, count]) => [name, Number(count)] as const));
      return { counters: pairs(counters), pending, watched: new Map([...pairs(silent)].map(stillAt)) };
    },
    watch: (still, keptMs) =>
      done(
        commands.run(
          lua.watch,
          [watched],
          [
            Math.ceil(keptMs),
            ...still.flatMap(({ name, value, stillMs }) => [name, `${value} ${Math.floor(stillMs)}`]),
          ],
        ),
      ),
    bury: (worker, counter) => yesOrNo(commands.run(lua.forget, [workers], [worker, counter])),
    async claim(taker, from, limit) {
      const count = Math.min(limit, Math.max(1, fitting(batchBytesMax, payloadBytesMax)));
      const whom = [group, taker, from, count, suspected, suspectDelivery];
      const reply = await value(commands.run(lua.claim, [jobs, workers, settled], whom));
      if (reply === undefined) return undefined;
      const [state, ...entries] = list(reply);
      if (state !== "more" && state !== "gone" && state !== "alive" && state !== "lost") return undefined;
      return { state, entries: entries.map(redelivered) };
    },
    async suspects() {
      const rows = await value(commands.command("XPENDING", jobs, group, "-", "+", suspectsSeen, suspected));
      if (rows === undefined) return undefined;
      return list(rows).map((row) => {
        const [entry, , , deliveries] = list(row);
        return { entry: textOf(entry), isNew: Number(deliveries) < suspectDelivery };
      });
    },
    async isolate(taker, entry, alone) {
      const which = [group, taker, entry, suspected, alone ? 1 : 0];
      const reply = await value(commands.run(lua.isolate, [jobs, workers, suspects], which));
      const [state, deliveries, fields, killed] = list(reply);
      if (state === "gone" || state === "lost") return { state };
      if (state !== "taken") return undefined;
      return { state, held: redelivered([entry, deliveries, fields]), killed: Number(killed) };
    },
    absolve: (consumer, entry) => done(commands.run(lua.absolve, [suspects], [entry, consumer])),
  };
}

const stillAt = ([name, seen]: readonly [string, string]): [string, Omit<Still, "name">] => {
  const [value = "", ms = ""] = seen.split(" ");
  return [name, { value, stillMs: Number(ms) || 0 }];
};
