/** All guarantees by name. Command choices, help, claims and reports derive from this literal. */
import { atLeastOnce } from "./at-least-once.ts";
import type { Check } from "./contract.ts";
import { deadLetterComplete } from "./dead-letter-complete.ts";
import { deadLetterExactlyOnce } from "./dead-letter-exactly-once.ts";
import { drained } from "./drained.ts";
import { duplicatesExplained } from "./duplicates-explained.ts";
import { noAckedLoss } from "./no-acked-loss.ts";
import { noPhantom } from "./no-phantom.ts";
import { recoveryBound } from "./recovery-bound.ts";
import { runValid } from "./run-valid.ts";

export const checks = {
  "no-acked-loss": noAckedLoss,
  "no-phantom": noPhantom,
  "at-least-once": atLeastOnce,
  "duplicates-explained": duplicatesExplained,
  "dead-letter-exactly-once": deadLetterExactlyOnce,
  "dead-letter-complete": deadLetterComplete,
  "recovery-bound": recoveryBound,
  drained,
  "run-valid": runValid,
} as const satisfies Record<string, Check>;

export type GuaranteeName = keyof typeof checks;

/** What a claim says beyond the guarantee's name: `Terms<"recovery-bound">` is `{ boundMs: number }`. */
export type Terms<Name extends GuaranteeName> = (typeof checks)[Name]["neutral"];
