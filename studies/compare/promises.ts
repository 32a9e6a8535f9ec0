/** Whether a configuration kept its promises: every round, and the run of the scenario, is judged by all checks. */
import type { Check } from "../../checks/contract.ts";
import { ledgerOf } from "../../harness/conclude.ts";
import { readDescription } from "../../harness/description.ts";
import type { RunDirectory } from "../../harness/run-directory.ts";
import { isControl, judge, overall } from "../../harness/verdict.ts";
import type { Ledger } from "../../history/ledger.ts";
import type { Configuration } from "../../reports/compare/contract.ts";
import type { Guarantee, Overall } from "../../reports/contract.ts";

export interface Judged {
  readonly where: string;
  readonly verdict: Overall;
  readonly reasons: readonly string[];
  readonly guarantees: readonly Guarantee[];
}

/** A round by its record, which is also returned. */
export function judgeRound(
  directory: RunDirectory,
  where: string,
  checks: Readonly<Record<string, Check>>,
): { readonly ledger: Ledger; readonly judged: Judged } {
  const description = readDescription(directory);
  const ledger = ledgerOf(directory, description);
  const guarantees = judge(ledger, checks, description.claims, description.waives);
  const { verdict, reasons } = overall(guarantees, isControl(ledger));
  return { ledger, judged: { where, verdict, reasons, guarantees } };
}

/** Broken dominates unknown; who was never judged has proven nothing. */
export function promisesOf(all: readonly Judged[]): Configuration["promises"] {
  const has = (wanted: Overall): boolean => all.some(({ verdict }) => verdict === wanted);
  return {
    verdict: has("fail") ? "fail" : has("unknown") || all.length === 0 ? "unknown" : "pass",
    judged: all.length,
    broken: all.flatMap(({ where, guarantees }) =>
      guarantees.flatMap((guarantee) =>
        guarantee.claimed && guarantee.verdict === "fail"
          ? [
              {
                guarantee: guarantee.name,
                violations: guarantee.violations,
                what: guarantee.examples[0]?.what ?? "",
                where,
              },
            ]
          : [],
      ),
    ),
    unknown: all.flatMap(({ where, verdict, reasons }) =>
      verdict === "unknown" ? reasons.map((why) => ({ why, where })) : [],
    ),
  };
}
