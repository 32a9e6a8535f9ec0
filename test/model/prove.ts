/** Judges the cases as a real run is judged, and says of each whether the verdict is what it has to be. */
import { checks } from "../../checks/index.ts";
import { judge } from "../../harness/verdict.ts";
import { buildLedger } from "../../history/ledger-builder.ts";
import type { Ledger } from "../../history/ledger.ts";
import type { Guarantee } from "../../reports/contract.ts";
import type { Case, Planted } from "./case.ts";

export type Outcome =
  /** As it has to be. */
  | { readonly is: "right" }
  /** Nothing was broken in the end, or something else. */
  | { readonly is: "nothing" }
  /** Not found: the model knows how it may have come about rightly, and the run says that it cannot see this one. */
  | { readonly is: "excused"; readonly what: string }
  | { readonly is: "wrong"; readonly what: string };

export function outcomeOf(one: Case): Outcome {
  const { planted, facts, journal, sources, world } = one;
  const ledger = buildLedger(facts, journal, sources);
  if (planted !== undefined && cameToNothing(ledger, one)) return { is: "nothing" };
  const claimed = judge(ledger, checks, world.claims).filter((guarantee) => guarantee.claimed);
  return planted === undefined ? ofClean(claimed, one) : ofBroken(claimed, planted, ledger);
}

function ofClean(claimed: readonly Guarantee[], { flawed }: Case): Outcome {
  const [red] = redOf(claimed);
  if (red !== undefined) return wrong(red);
  const unknown = claimed.find((one) => one.verdict === "unknown" && !wasTooLittle.test(one.reason));
  if (unknown === undefined || flawed !== undefined) return { is: "right" };
  return wrong(`${unknown.name} is unknown: ${unknown.verdict === "unknown" ? unknown.reason : ""}`);
}

function ofBroken(claimed: readonly Guarantee[], planted: Planted, ledger: Ledger): Outcome {
  const { bug, job } = planted;
  const owners: readonly string[] = (job === undefined ? undefined : bug.ownedBy?.(ledger, job)) ?? [bug.breaks];
  const expected: readonly string[] = [...owners, ...(bug.related ?? [])];
  const [stranger] = redOf(claimed.filter(({ name }) => !expected.includes(name)));
  if (stranger !== undefined) return wrong(stranger);
  const verdicts = claimed.filter(({ name }) => owners.includes(name));
  if (verdicts.some(({ verdict }) => verdict === "fail")) return { is: "right" };
  const what = `${bug.what}${job === undefined ? "" : ` (job ${job})`}, and ${owners.join(" or ")} is ${verdicts[0]?.verdict ?? "not claimed"}`;
  // What is unknown by the run's own reckoning was told.
  const isTold = verdicts.some(({ verdict }) => verdict === "unknown");
  const isBlind = (isTold || planted.excusable()) && job !== undefined && bug.isBlind?.(ledger, job) === true;
  return isBlind ? { is: "excused", what } : wrong(what);
}

/** What may rightly be said of a short history with long outages: too little got through, or nobody asked any more. */
const wasTooLittle =
  /^([\d.]+ % of \d+ enqueues were acknowledged: at least|after \S+ none of \d+ enqueues of producer)/;

const redOf = (claimed: readonly Guarantee[]): readonly string[] =>
  claimed.flatMap((one) => (one.verdict === "fail" ? [`${one.name} is red: ${one.examples[0]?.what}`] : []));

const cameToNothing = (ledger: Ledger, { planted }: Case): boolean =>
  planted?.job !== undefined && planted.bug.cameToNothing?.(ledger, planted.job) === true;

const wrong = (what: string): Outcome => ({ is: "wrong", what });
