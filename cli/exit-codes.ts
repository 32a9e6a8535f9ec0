/** What a run's end means to whoever called it. */
import type { Overall } from "../reports/contract.ts";

export const exitCodes = { pass: 0, fail: 1, unknown: 2, usage: 3 } as const;

/** Of several runs: a failure dominates, then an unknown. */
export const exitCodeOf = (verdicts: readonly Overall[]): number =>
  verdicts.includes("fail") ? exitCodes.fail : verdicts.includes("unknown") ? exitCodes.unknown : exitCodes.pass;
