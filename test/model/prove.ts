/** Judges the cases as a real run is judged, and says of each whether the verdict is what it has to be. */
import { checks } from "../../checks/index.ts";
import { judge } from "../../harness/verdict.ts";
import { buildLedger } from "../../history/ledger-builder.ts";
import type { Ledger } from "../../history/ledger.ts";
import type { Case } from "./case.ts";

export type Outcome =
  /** As it has to be. */
  | { readonly is: "right" }
  /** Nothing was broken in the end, or something else. */
  | { readonly is: "nothing" }
  /** Not found, and the model knows of a hit by which it may have come about rightly. */
  | { readonly is: "excused"; readonly what: string }
  | { readonly is: "wrong"; readonly what: string };

export function outcomeOf(one: Case): Outcome {
  const { planted, facts, journal, sources, world, flawed } = one;
  const ledger = buildLedger(facts, journal, sources);
  if (planted !== undefined && cameToNothing(ledger, one)) return { is: "nothing" };
  const claimed = judge(ledger, checks, world.claims).filter((guarantee) => guarantee.claimed);
  const red = claimed.filter(({ verdict }) => verdict === "fail");
  const owner = planted?.bug.breaks;
  const strangers = red.filter(({ name }) => name !== owner && !planted?.bug.related?.some((other) => other === name));
  const [stranger] = strangers;
  if (stranger !== undefined)
    return wrong(`${stranger.name} is red: ${stranger.verdict === "fail" ? stranger.examples[0]?.what : ""}`);
  if (planted === undefined) {
    const unknown = claimed.find((one) => one.verdict === "unknown" && !wasTooLittle.test(one.reason));
    if (unknown === undefined || flawed !== undefined) return { is: "right" };
    return wrong(`${unknown.name} is unknown: ${unknown.verdict === "unknown" ? unknown.reason : ""}`);
  }
  if (red.some(({ name }) => name === owner)) return { is: "right" };
  const verdict = claimed.find(({ name }) => name === owner)?.verdict;
  const what = `${planted.bug.what}${planted.job === undefined ? "" : ` (job ${planted.job})`}, and ${owner} is ${verdict ?? "not claimed"}`;
  return planted.excusable ? { is: "excused", what } : wrong(what);
}

/** What may rightly be said of a short history with long outages: too little got through, or nobody asked any more. */
const wasTooLittle =
  /^([\d.]+ % of \d+ enqueues were acknowledged: at least|after \S+ none of \d+ enqueues of producer)/;

const cameToNothing = (ledger: Ledger, { planted }: Case): boolean =>
  planted?.job !== undefined && planted.bug.cameToNothing?.(ledger, planted.job) === true;

const wrong = (what: string): Outcome => ({ is: "wrong", what });
