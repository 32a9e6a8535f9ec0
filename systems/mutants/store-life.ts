/** What broke a read off, for mutants: the link alone, or the store, which is another one when it is back. */
import { textOf } from "../../engine/reply.ts";
import type { Steps, Tools } from "../../engine/steps.ts";

/** @param broken is told before the next read what broke the last one off */
export function toldOfBrokenReads(steps: Steps, { commands }: Tools, broken: (what: "link" | "store") => void): Steps {
  let known: string | undefined;
  let wasBroken = false;

  async function look(): Promise<void> {
    const answer = await commands.command("INFO", "server");
    const now = answer.kind === "answer" ? /run_id:(\w+)/.exec(textOf(answer.value))?.[1] : undefined;
    if (now === undefined) return;
    if (wasBroken && known !== undefined) broken(now === known ? "link" : "store");
    known = now;
    wasBroken = false;
  }

  return {
    ...steps,
    async read(...which) {
      if (wasBroken || known === undefined) await look();
      const read = await steps.read(...which);
      wasBroken ||= read === undefined;
      return read;
    },
  };
}
