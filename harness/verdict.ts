/**
 * Every check judged against what the system claims, and the one verdict that follows. Fail dominates, unknown is never
 * green.
 */
import type { Ability, Check, Verdict } from "../checks/contract.ts";
import type { Ledger } from "../history/ledger.ts";
import type { Guarantee, Overall } from "../reports/contract.ts";
import { plain } from "../std/json.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import type { Bounds } from "../history/bounds.ts";
import type { Claims, System } from "../systems/contract.ts";

/**
 * What a system is held to: all that holds for any job queue, less what it waives, and what it claims.
 * @throws UserError for a claim that no check knows, terms that its check does not take, or a waiver of what is not in
 * force
 */
export function claimsInForce(
  { claims, waives = {} }: Pick<System, "claims" | "waives">,
  settings: unknown,
  bounds: Bounds,
  { checks, name }: { readonly checks: Readonly<Record<string, Check>>; readonly name: string },
): Claims {
  const claimed = claims(settings);
  validateClaims(claimed, checks, name);
  for (const [waived, reason] of Object.entries(waives)) {
    if (checks[waived]?.universal === undefined)
      throw new UserError(
        `system "${name}" waives "${waived}", which is in force for nobody by itself; what can be waived: ${universals(checks).join(", ")}`,
      );
    if (waived in claimed) throw new UserError(`system "${name}" both claims and waives "${waived}": leave one out`);
    if (typeof reason !== "string" || reason.trim() === "")
      throw new UserError(`system "${name}" waives "${waived}" without a reason: say why, the report prints it`);
  }
  const inForce = Object.entries(checks).flatMap(([guarantee, check]) =>
    check.universal === undefined || guarantee in waives ? [] : [[guarantee, plain(check.universal(bounds))] as const],
  );
  return { ...Object.fromEntries(inForce), ...claimed };
}

const universals = (checks: Readonly<Record<string, Check>>): readonly string[] =>
  Object.keys(checks).filter((name) => checks[name]?.universal !== undefined);

/** @throws UserError for a claim that no check knows, or terms that its check does not take */
function validateClaims(claims: Claims, checks: Readonly<Record<string, Check>>, system: string): void {
  for (const [name, terms] of Object.entries(claims)) {
    const check = checks[name];
    if (check === undefined)
      throw new UserError(
        `system "${system}" claims "${name}", and no check has that name; there are: ${Object.keys(checks).join(", ")}`,
      );
    const parsed = check.options.safeParse(terms);
    if (!parsed.success)
      throw new UserError(
        `system "${system}" claims "${name}" with terms that the check does not take: ${parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ")}`,
      );
  }
}

/** Why nothing is said of a promise where the record is not what was written; of which, `run-valid` tells. */
const bentRecord = "the record is not what was written";

/** @param before guarantees of which an earlier judgement told */
export function judge(
  ledger: Ledger,
  checks: Readonly<Record<string, Check>>,
  claims: Claims,
  waives: Readonly<Record<string, string>> = {},
  before: readonly Pick<Guarantee, "name" | "claimed">[] = [],
): readonly Guarantee[] {
  const judged = Object.entries(checks).map(([name, check]): Guarantee => {
    const promise = check.always !== true;
    const claimed = name in claims || !promise;
    const terms = claims[name] ?? plain(check.neutral);
    // What was left out of the trouble may have been what threatens it.
    const exercised = ledger.run.exercises.includes(name) && !isControl(ledger) && ledger.run.leftOut.length === 0;
    const waived = waives[name];
    const head = {
      name,
      about: check.about,
      claimed,
      promise,
      exercised,
      terms,
      ...(waived === undefined ? {} : { waived }),
    };
    const lacking = check.needs.find((need) => !shows[need](ledger));
    const verdict =
      lacking !== undefined
        ? ({ verdict: "not-observable", needs: lacking } as const)
        : checked(() => check.check(ledger, check.options.parse(terms)));
    return guaranteeOf(ledger, head, verdict);
  });
  return [...judged, ...unheardOf(ledger, checks, claims, waives, before)];
}

/** What is said of a guarantee beside its verdict. */
export type Head = Pick<
  Guarantee,
  "name" | "about" | "claimed" | "promise" | "exercised" | "terms" | "waived" | "threshold"
>;

/** The verdict as it is told. What is in a changed record was not promised, and not seen: of that nothing is known. */
export function guaranteeOf(ledger: Ledger, head: Head, verdict: Verdict): Guarantee {
  switch (verdict.verdict) {
    case "pass":
    case "fail":
      if (ledger.integrity.bent.length > 0) return { ...head, verdict: "unknown", reason: bentRecord, counts: {} };
      if (verdict.verdict === "fail") return { ...head, ...verdict };
      return { ...head, tried: (isControl(ledger) ? verdict.judged : verdict.exposed) > 0, ...verdict };
    case "unknown":
      return { ...head, verdict: "unknown", reason: verdict.reason, counts: verdict.counts ?? {} };
    case "not-observable":
      return { ...head, verdict: "not-observable", reason: `the system does not tell ${verdict.needs}` };
  }
}

/** What the run names, and no check in force has the name of: nobody can say whether it held. */
function unheardOf(
  { run }: Ledger,
  checks: Readonly<Record<string, Check>>,
  claims: Claims,
  waives: Readonly<Record<string, string>>,
  before: readonly Pick<Guarantee, "name" | "claimed">[],
): readonly Guarantee[] {
  const names = [claims, waives].flatMap(Object.keys).concat(before.map(({ name }) => name));
  const isClaimed = (name: string): boolean => name in claims || before.some((one) => one.name === name && one.claimed);
  return [...new Set(names)]
    .filter((name) => checks[name] === undefined)
    .map((name) => ({
      name,
      about: "A guarantee that no check in force knows.",
      claimed: isClaimed(name),
      promise: true,
      exercised: run.exercises.includes(name),
      terms: claims[name] ?? null,
      ...(waives[name] === undefined ? {} : { waived: waives[name] }),
      verdict: "unknown",
      reason:
        "no check in force has this name: judge the run with the configuration, and the version, that it ran with",
      counts: {},
    }));
}

/** Nothing was to go wrong: what it shows is what the queue does undisturbed, to hold other runs against. */
export const isControl = ({ run, incidents }: Ledger): boolean =>
  incidents.length === 0 && Object.keys(run.scheduled).length === 0 && run.leftOut.length === 0;

/** Whether a run's record has what only some systems show. */
const shows: Readonly<Record<Ability, (ledger: Ledger) => boolean>> = {
  settlements: ({ run }) => run.tellsSettlements,
  // Its answers are in the harness's own file, if they are not lost.
  depth: ({ depths, integrity }) => depths.length > 0 || integrity.incomplete.some(({ role }) => role === "harness"),
};

/** A check that throws, or says something else, has judged nothing. */
function checked(check: () => Verdict): Verdict {
  try {
    const said: unknown = check();
    if (isVerdict(said)) return said;
    return { verdict: "unknown", reason: "the check itself failed: what it gave is no verdict" };
  } catch (thrown) {
    return { verdict: "unknown", reason: `the check itself failed: ${messageOf(thrown)}` };
  }
}

const isVerdict = (value: unknown): value is Verdict =>
  typeof value === "object" &&
  value !== null &&
  "verdict" in value &&
  ["pass", "fail", "unknown", "not-observable"].some((known) => known === value.verdict);

export interface Judgement {
  readonly verdict: Overall;
  readonly sentence: string;
  readonly reasons: readonly string[];
}

/** @param control the run had no faults */
export function overall(guarantees: readonly Guarantee[], control = false): Judgement {
  const claimed = guarantees.filter((guarantee) => guarantee.claimed);
  const failed = claimed.filter((guarantee) => guarantee.verdict === "fail");
  // What was wrong with the run itself is why the rest is not known.
  const runFirst = claimed.toSorted((a, b) => Number(isOfQueue(a)) - Number(isOfQueue(b)));
  const unknown = runFirst.flatMap((guarantee) => {
    if (guarantee.verdict === "unknown" && guarantee.reason === bentRecord) return [];
    if (guarantee.verdict === "unknown") return [`${guarantee.name}: ${guarantee.reason}`];
    if (guarantee.verdict === "pass" && guarantee.exercised && guarantee.exposed === 0)
      return [`${guarantee.name}: the scenario means to threaten it, and no job was exposed`];
    return [];
  });
  const passed = claimed.filter((one) => one.verdict === "pass" && one.tried);
  const held = passed.filter(({ promise }) => promise).length;
  if (failed.length > 0)
    return { verdict: "fail", sentence: brokenBy(failed), reasons: [...failed.map(whyFailed), ...unknown] };
  if (unknown.length > 0 || held === 0) {
    return {
      verdict: "unknown",
      sentence: "Nothing broke, but the run does not prove that the promises were kept.",
      reasons: unknown.length > 0 ? unknown : ["none of the promises that the system makes was put to the test"],
    };
  }
  const kept = `he queue kept ${held === 1 ? "the one promise" : `all ${held} promises`} that it makes and that`;
  const fast = passed.filter(({ threshold }) => threshold !== undefined).length;
  const also =
    fast === 0 ? "" : ` It was as fast as ${fast === 1 ? "the threshold" : `all ${fast} thresholds`} asked for.`;
  const sentence = control
    ? `A control, without faults: t${kept} show without any.${also}`
    : `T${kept} this run put to the test.${also}`;
  return { verdict: "pass", sentence, reasons: [] };
}

const isOfQueue = ({ promise, threshold }: Guarantee): boolean => promise || threshold !== undefined;

function brokenBy(failed: readonly Guarantee[]): string {
  const named = (some: readonly Guarantee[], one: string): string =>
    `${some.length === 1 ? `a ${one}` : `${some.length} ${one}s`}: ${some.map(({ name }) => name).join(", ")}`;
  const [missed, broken] = [
    failed.filter(({ threshold }) => threshold !== undefined),
    failed.filter(({ threshold }) => threshold === undefined),
  ];
  const clauses = [
    ...(broken.length === 0 ? [] : [`broke ${named(broken, "promise")}`]),
    ...(missed.length === 0 ? [] : [`missed ${named(missed, "threshold")}`]),
  ];
  return `The queue ${clauses.join("; and it ")}.`;
}

function whyFailed(guarantee: Guarantee): string {
  const what = guarantee.verdict === "fail" ? (guarantee.examples[0]?.what ?? "") : "";
  return guarantee.threshold === undefined
    ? `${guarantee.name}: ${what}`
    : `${guarantee.name}: it was ${guarantee.threshold.said}. ${what}`;
}
