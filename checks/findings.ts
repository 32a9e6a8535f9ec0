/**
 * Gathers what a check found and turns it into its verdict. Violations that were seen fail, whatever else is missing;
 * then missing evidence makes it unknown; only then it passes. No check decides this order for itself.
 */
import type { Ledger } from "../history/ledger.ts";
import type { NonEmpty } from "../std/random.ts";
import type { Counts, Example, Verdict } from "./contract.ts";

const examplesKept = 10;

export interface Violation {
  /** Its counter's name. */
  readonly kind: string;
  readonly job: number | undefined;
  /**
   * ns since origin, by when it was complete, whatever followed; undefined where only the end of the run decides it, as
   * for what is lost or left behind. What was not complete before the run's own parts got into trouble may have come of
   * that.
   */
  readonly at?: number | undefined;
  /** What is missing that could explain it, undefined where nothing that is could: it makes nobody guilty then. */
  readonly doubt?: string | undefined;
  /** One sentence; asked for only when the violation is kept as an example. */
  readonly what: () => string;
  /** The higher, the earlier among the examples; those of equal weight stay in the order in which they were found. */
  readonly weight?: number;
}

export interface Findings {
  violation(violation: Violation): void;
  /** What would be a violation, were there not something that could explain it. */
  unsure(why: string): void;
  /** @param missing why absence proves nothing, undefined where all evidence is there */
  verdict(looked: {
    /** Left out where all that it looked at was exposed. */
    readonly judged?: number;
    readonly exposed: number;
    readonly counts: Counts;
    readonly missing: string | undefined;
  }): Verdict;
}

export function findings(ledger: Ledger): Findings {
  const kinds: Record<string, number> = {};
  const kept: Violation[] = [];
  const doubts: string[] = [];
  let violations = 0;
  let unsure = 0;

  const example = ({ job, what }: Violation): Example => ({
    job,
    what: what(),
    life: job === undefined ? [] : ledger.life(job),
  });

  const self: Findings = {
    violation(violation) {
      if (violation.doubt !== undefined) return self.unsure(violation.doubt);
      const [trouble] = ledger.trouble;
      if (trouble !== undefined && (violation.at ?? Number.POSITIVE_INFINITY) > trouble.from)
        return self.unsure(`${trouble.what}, which may explain what was found`);
      violations++;
      kinds[violation.kind] = (kinds[violation.kind] ?? 0) + 1;
      const weight = violation.weight ?? 0;
      if (kept.length === examplesKept && (kept.at(-1)?.weight ?? 0) >= weight) return;
      const lighter = kept.findIndex((other) => (other.weight ?? 0) < weight);
      kept.splice(lighter === -1 ? kept.length : lighter, 0, violation);
      if (kept.length > examplesKept) kept.pop();
    },
    unsure(why) {
      unsure++;
      if (!doubts.includes(why) && doubts.length < examplesKept) doubts.push(why);
    },
    verdict({ exposed, judged = exposed, counts, missing }) {
      const all = { ...counts, ...kinds, ...(unsure > 0 ? { unsure } : {}) };
      const [first, ...rest] = kept;
      if (first !== undefined) {
        const examples: NonEmpty<Example> = [example(first), ...rest.map(example)];
        return { verdict: "fail", judged, exposed, counts: all, violations, examples };
      }
      const reasons = missing === undefined || doubts.includes(missing) ? doubts : [missing, ...doubts];
      if (reasons.length > 0) return { verdict: "unknown", reason: reasons.join("; "), counts: all };
      return { verdict: "pass", judged, exposed, counts: all };
    },
  };
  return self;
}
