/** What a consumer does with its pending entries: it reads, recovers and settles them. */
import type { StepAnswers } from "./step-answers.ts";
import { stepBytesMax, stepEntriesMax } from "./bounds.ts";
import { fresh, redelivered, span } from "./entry.ts";
import { group } from "./keys.ts";
import { list, textOf } from "./reply.ts";
import { settleAnswerOf, settleArguments } from "./settlement.ts";
import type { scripts, Steps, Tools } from "./steps.ts";

export function deliverySteps(
  { commands, reader, keys: { jobs, delayed, dead, settled, clock, suspects }, priority = "" }: Tools,
  { value }: StepAnswers,
  lua: typeof scripts,
): Pick<Steps, "read" | "recover" | "owned" | "settle"> {
  return {
    async read(consumer, count, waitMs) {
      const patience = waitMs === 0 ? [] : ["BLOCK", waitMs]; // BLOCK 0 would be for ever
      const which = ["GROUP", group, consumer, "COUNT", count, ...patience, "STREAMS", jobs, ">"] as const;
      const reply = await value(reader.command("XREADGROUP", ...which));
      // One stream was asked for: [[its name, its entries]], or null when there was nothing in time.
      return reply === undefined ? undefined : list(list(list(reply)[0])[1]).map(fresh);
    },
    async recover(consumer, from) {
      const reply = await value(
        commands.run(lua.recover, [jobs], [group, consumer, from, stepEntriesMax, stepBytesMax]),
      );
      if (reply === undefined) return undefined;
      const [all, ...entries] = list(reply);
      // An entry without content was removed by someone else; it has left the pending list with this.
      return { entries: entries.map(redelivered).filter(({ meta }) => meta !== ""), all: all === 1 };
    },
    async owned(consumer, from) {
      const rows = await value(commands.command("XPENDING", jobs, group, from, "+", stepEntriesMax, consumer));
      if (rows === undefined) return undefined;
      const entries = list(rows).map((row) => textOf(list(row)[0]));
      return { entries, all: entries.length < stepEntriesMax };
    },
    async settle(consumer, batch, requests) {
      const answer = await commands.run(
        lua.settle,
        [jobs, delayed, dead, settled, clock, suspects],
        [
          group,
          consumer,
          batch,
          ...span(requests.map(({ held }) => held.entry)),
          ...settleArguments(requests, priority),
        ],
      );
      if (answer.kind === "answer") return settleAnswerOf(answer.value);
      if (answer.kind === "unanswered") return answer;
      if (answer.kind === "error") await value(Promise.resolve(answer));
      return { kind: "not-done", message: answer.message };
    },
  };
}
