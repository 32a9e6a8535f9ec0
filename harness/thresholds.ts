/** What a run is asked to be: read and checked before it, kept with it, judged after it and told like a promise. */
import { z } from "zod";
import type { Ledger } from "../history/ledger.ts";
import type { Guarantee } from "../reports/contract.ts";
import type { Scenario } from "../scenarios/contract.ts";
import { parseThreshold } from "../thresholds/grammar.ts";
import { judgeThreshold } from "../thresholds/judge.ts";
import { checkThreshold, type Circumstances, type Measures } from "../thresholds/subject.ts";
import { toldSeen } from "../thresholds/telling.ts";
import { guaranteeOf } from "./verdict.ts";

/** As it is kept with the run. */
export const askedSchema = z.object({
  text: z.string(),
  endsRun: z.boolean(),
  askedBy: z.enum(["scenario", "command"]),
});
export type AskedThreshold = z.infer<typeof askedSchema>;

/**
 * Each once, those of the scenario first.
 * @throws UserError for one that cannot be read, or is about what is not there
 */
export function askedOf(
  scenario: Scenario["thresholds"],
  command: readonly string[] = [],
  measures: Measures,
  circumstances: Circumstances,
): readonly AskedThreshold[] {
  const all = new Map<string, AskedThreshold>();
  const ask = (written: string, endsRunEarly: boolean, askedBy: AskedThreshold["askedBy"]): void => {
    const threshold = parseThreshold(written);
    const endsRun = threshold.endsRun || endsRunEarly;
    checkThreshold({ ...threshold, endsRun }, measures, circumstances);
    const before = all.get(threshold.text);
    all.set(threshold.text, {
      text: threshold.text,
      endsRun: endsRun || before?.endsRun === true,
      askedBy: before?.askedBy ?? askedBy,
    });
  };
  for (const one of scenario ?? []) {
    if (typeof one === "string") ask(one, false, "scenario");
    else ask(one.threshold, one.endsRunEarly, "scenario");
  }
  for (const one of command) ask(one, false, "command");
  return [...all.values()];
}

export const judgeAsked = (
  ledger: Ledger,
  asked: readonly AskedThreshold[],
  measures: Measures,
): readonly Guarantee[] =>
  asked.map(({ text, endsRun, askedBy }): Guarantee => {
    const { about, verdict, seen } = judgeThreshold(parseThreshold(text), measures, ledger);
    const head = {
      name: text,
      about:
        `A threshold of the ${askedBy === "scenario" ? "scenario" : "command line"}: how fast is fast enough. ${about}`.trim(),
      claimed: true,
      promise: false,
      exercised: false,
      terms: text,
      threshold: { askedBy, endsRun, ...seen, said: toldSeen(seen) },
    };
    return guaranteeOf(ledger, head, verdict);
  });
