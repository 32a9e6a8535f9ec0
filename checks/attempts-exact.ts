/**
 * The number of an attempt is what handlers, backoffs and dead letters go by: it counts failures, and nothing else
 * unless the system says so. Starts that belong to another check (history/repeats.ts) are not judged by their numbers.
 */
import { z } from "zod";
import { lastRunFailed } from "../history/fates.ts";
import type { Ledger, LifeEvent } from "../history/ledger.ts";
import { killsItsWorker, places } from "../history/record.ts";
import { hadItFirst } from "../history/excuses.ts";
import { ownerOf, repeatsIn, type Repeats } from "../history/repeats.ts";
import { admittedIn } from "./causes.ts";
import type { Check } from "./contract.ts";
import { filesMissing, lifeMissing, scanMissing } from "./evidence.ts";
import { findings, type Violation } from "./findings.ts";

const options = z.strictObject({
  crashes: z
    .enum(["free", "counted"])
    .describe("whether a run that its process did not survive, or lost, uses up an attempt"),
});
type Terms = z.infer<typeof options>;

export const attemptsExact: Check<Terms> = {
  about:
    "Each failure of a job counts as one attempt: the number never goes back, skips none, and ends where the retries end; no job is dead before, or tried after that. Off by one, it is given up too early or repeated for ever. Exposed are jobs that failed, or were started more than once.",
  needs: [],
  options,
  neutral: { crashes: "counted" },
  check(ledger, { crashes }) {
    const found = findings(ledger);
    const { starts, failures, place, plannedFailures } = ledger.columns;
    const workers = filesMissing(ledger, ["worker"]);
    const scan = scanMissing(ledger);
    let exposed = 0;
    for (const { job, life } of ledger.exceptions()) {
      const started = starts[job] ?? 0;
      if (started === 0 || plannedFailures[job] === killsItsWorker) continue;
      if (started > 1 || (failures[job] ?? 0) > 0) exposed++;
      const repeats = repeatsIn(ledger, life);
      // Two copies of a job, or a stale owner's retry, count each for itself.
      if (repeats.stale.length > 0 || repeats.verdicts.length > 1) continue;
      const flaw = wrongStart(ledger, life, repeats, crashes);
      const early =
        ((place[job] ?? 0) & places.dead) !== 0 && diedEarly(life, crashes === "counted", ledger.run.attempts);
      if (flaw === undefined && !early) continue;
      const doubt = lifeMissing(ledger, job) ?? (flaw === undefined ? scan : undefined);
      if (flaw !== undefined) found.violation({ ...flaw, job, doubt, what: () => `Job ${job} ${flaw.what}.` });
      else
        found.violation({
          kind: "deadEarly",
          job,
          doubt,
          what: () =>
            `Job ${job} is dead after its failure on attempt ${highestFailed(life)}, though it had ${ledger.run.attempts} attempts.`,
        });
    }
    return found.verdict({ exposed, counts: {}, missing: workers });
  },
};

interface Flaw extends Pick<Violation, "kind"> {
  readonly at: number;
  readonly what: string;
}

/** The first start under a number that it should not have. */
function wrongStart(
  ledger: Ledger,
  life: readonly LifeEvent[],
  repeats: Repeats,
  crashes: Terms["crashes"],
): Flaw | undefined {
  const { attempts } = ledger.run;
  let highest = 1;
  let failed = 0;
  let before = 0;
  for (const event of life) {
    if (event.kind === "accepted") return undefined;
    if (event.kind === "failed") failed = Math.max(failed, event.attempt);
    if (event.kind !== "start") continue;
    const extra = repeats.extras.find(({ start }) => start === event);
    const owner = extra === undefined ? "nobody" : ownerOf(repeats, extra, admittedIn(ledger));
    const allowed = 1 + (crashes === "free" ? failed : Math.max(failed, before));
    const { attempt, at } = event;
    if (owner === "nobody" || owner === "attempts-exact") {
      if (attempt > attempts)
        return { kind: "beyond", at, what: `was tried as attempt ${attempt}, though it had ${attempts} attempts` };
      if (attempt > allowed)
        return {
          kind: "skipped",
          at,
          what: `was started as attempt ${attempt}, though ${failed === 0 ? "no attempt had failed" : `attempt ${failed} was the last to fail`}`,
        };
      if (attempt < highest && !wentOnLate(ledger, life, event))
        return {
          kind: "wentBack",
          at,
          what: `was started as attempt ${attempt} after it had come to attempt ${highest}`,
        };
      if (attempt >= highest && owner === "attempts-exact")
        return {
          kind: "notCounted",
          at,
          what: `failed on attempt ${attempt}, and was then started as attempt ${attempt}`,
        };
    }
    highest = Math.max(highest, attempt);
    before++;
  }
  return undefined;
}

/**
 * It received the job for that attempt while the number was right, was hit, and went on with it when it was not any
 * more.
 */
function wentOnLate(ledger: Ledger, life: readonly LifeEvent[], late: LifeEvent): boolean {
  const available = life.find((event) => event.kind === "failed" && event.attempt === late.attempt - 1) ?? life[0];
  // Once that attempt has failed, it was given to nobody for it any more.
  const isOver = life.some(({ kind, attempt, at }) => kind === "failed" && attempt === late.attempt && at < late.at);
  // Whoever started it for that attempt, or the one after it, had it from the silent one.
  return life.some((start) => {
    if (start.kind !== "start" || start.at >= late.at || start.attempt < late.attempt) return false;
    if (isOver && start.attempt > late.attempt) return false;
    const holding = { start, availableAt: available?.at ?? start.at, settledAt: undefined, again: false };
    return hadItFirst(ledger, holding, late).length > 0;
  });
}

/** @param counted lost runs use up attempts as well */
const diedEarly = (life: readonly LifeEvent[], counted: boolean, attempts: number): boolean =>
  lastRunFailed(life) &&
  highestFailed(life) < attempts &&
  !(counted && life.filter(({ kind }) => kind === "start").length >= attempts);

const highestFailed = (life: readonly LifeEvent[]): number =>
  life.reduce((highest, { kind, attempt }) => (kind === "failed" ? Math.max(highest, attempt) : highest), 0);
