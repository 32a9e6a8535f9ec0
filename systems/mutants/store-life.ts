/** What broke a read off, for mutants: the link alone, or the store, which is another one when it is back. */
import { textOf } from "../../engine/redis/reply.ts";
import type { Steps, Tools } from "../../engine/redis/steps.ts";

/** @param broken is told before the next read what broke the last one off */
export function toldOfBrokenReads(steps: Steps, { commands }: Tools, broken: (what: "link" | "store") => void): Steps {
  let known: string | undefined;
  let wasBroken = false;

  /** Whether it was told. */
  async function look(): Promise<boolean> {
    const answer = await commands.command("INFO", "server");
    const now = answer.kind === "answer" ? /run_id:(\w+)/.exec(textOf(answer.value))?.[1] : undefined;
    if (now === undefined) return false;
    const before = known;
    const isNews = wasBroken && before !== undefined;
    known = now;
    wasBroken = false;
    if (isNews) broken(now === before ? "link" : "store");
    return isNews;
  }

  return {
    ...steps,
    async read(...which) {
      if ((wasBroken || known === undefined) && (await look())) return [];
      const read = await steps.read(...which);
      wasBroken ||= read === undefined;
      return read;
    },
  };
}
