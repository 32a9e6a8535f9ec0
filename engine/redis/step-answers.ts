/** What the answer of the broker to a step comes to; where the step could not be done, undefined. */
import type { Answer } from "./broker.ts";
import { group } from "./keys.ts";
import type { Tools } from "./steps.ts";

export interface StepAnswers {
  /**
   * The value of an answer. A group that was lost (by a flush, a failover, an operator) is made anew, from the first
   * entry on.
   */
  value(asked: Promise<Answer>): Promise<unknown>;
  done(asked: Promise<Answer>): Promise<true | undefined>;
  yesOrNo(asked: Promise<Answer>): Promise<boolean | undefined>;
}

export function stepAnswers({ commands, keys: { jobs }, failed }: Tools): StepAnswers {
  async function value(asked: Promise<Answer>): Promise<unknown> {
    const answer = await asked;
    if (answer.kind === "answer") return answer.value;
    if (answer.kind === "error") {
      failed(answer.message);
      if (isLostGroup(answer.message)) await commands.command("XGROUP", "CREATE", jobs, group, "0", "MKSTREAM");
    }
    return undefined;
  }
  return {
    value,
    done: async (asked) => ((await value(asked)) === undefined ? undefined : true),
    async yesOrNo(asked) {
      const said = await value(asked);
      return said === undefined ? undefined : said === 1;
    },
  };
}

const isLostGroup = (message: string): boolean =>
  message.includes("NOGROUP") || message.includes("no such key") || message.startsWith("UNBLOCKED");
