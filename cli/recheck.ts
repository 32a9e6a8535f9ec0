/** `whitewater recheck`: the same history, judged again by the checks in force now. */
import { conclude } from "../harness/conclude.ts";
import { openRunDirectory } from "../harness/run-directory.ts";
import { summary } from "../reports/terminal.ts";
import { printableIn } from "../std/printable.ts";
import { UserError } from "../std/user-error.ts";
import { configurationOption, inForce } from "./catalogues.ts";
import type { Command } from "./command.ts";
import { mention } from "./ending.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { thresholdHelp, thresholdOption } from "./threshold.ts";

export const recheck: Command = {
  about: "Judges and reports a stored run again, from its history alone.",
  operand: { name: "run", about: "a run directory, such as runs/latest" },
  options: { threshold: thresholdOption, ...configurationOption },
  epilogue: async () => thresholdHelp,
  async run(words) {
    if (words.operand === undefined)
      throw new UserError("name a run directory, such as `whitewater recheck runs/latest`");
    const { catalogues } = await inForce(words);
    const unwritten: Error[] = [];
    const result = await conclude(openRunDirectory(words.operand), catalogues, {
      thresholds: words.all("threshold"),
      noteUnwritten: (why) => void unwritten.push(why),
    });
    console.log(summary(printableIn(result), terminal()));
    for (const { message } of unwritten) mention(message);
    return exitCodeOf([result.verdict, ...unwritten.map(() => "unknown" as const)]);
  },
};

export const terminal = (): { readonly colour: boolean; readonly width: number } => ({
  colour: process.stdout.isTTY && process.stdout.hasColors(),
  width: Math.min(process.stdout.columns ?? 100, 120),
});
