/**
 * Whose the jobs are that a queue still holds in the end. Each has one check that owns it, so that one job is one red
 * line: caught by a fault and not gone on in time is `recovery-bound`'s; where the queue stopped, and nothing moves at
 * all, is `progress`'; the rest, which it left lying and went on, is `drained`'s. What no check in force would own is,
 * too.
 */
import { z } from "zod";
import { fates, fatesOf, lastRunFailed } from "../history/fates.ts";
import { never, type Ledger, ticksPerSecond } from "../history/ledger.ts";
import { places } from "../history/record.ts";
import { recoveriesOf } from "../history/recoveries.ts";
import { dueTimes } from "../history/waiting.ts";
import { filesMissing, scanMissing } from "./evidence.ts";
import { standstills, type Standstill } from "./standstill.ts";

export type HeldBy = "recovery-bound" | "progress" | "drained";

/** As the two checks take them. */
const bound = z.object({ boundMs: z.number(), againMs: z.number().optional() });

export function ownersOfHeld(ledger: Ledger): (job: number) => HeldBy {
  // The others infer from what is not on record. That the store holds it is.
  if ((filesMissing(ledger, ["worker", "producer"]) ?? scanMissing(ledger)) !== undefined) return () => "drained";
  const late = lateForEver(ledger);
  const standing = lastStandstill(ledger);
  const dueAt = dueTimes(ledger);
  const to = (standing?.to ?? 0) * ticksPerSecond;
  return (job) => {
    if (late.has(job)) return "recovery-bound";
    // In the hands of somebody who began no run of it, or no next one: as others that never come back from there.
    if (late.size > 0 && isTaken(ledger, job)) return "recovery-bound";
    if (standing === undefined) return "drained";
    // One that failed waits for its retry as others wait for their first run.
    if (ledger.columns.firstStartAt[job] !== never) return lastRunFailed(ledger.life(job)) ? "progress" : "drained";
    return dueAt(job) <= to ? "progress" : "drained";
  };
}

const isTaken = ({ columns: { place } }: Ledger, job: number): boolean => ((place[job] ?? 0) & places.active) !== 0;

/** Jobs that were caught, and had not gone on when their time was over and nobody looked any more. */
function lateForEver(ledger: Ledger): ReadonlySet<number> {
  const terms = bound.safeParse(ledger.run.claims["recovery-bound"]).data;
  if (terms === undefined) return new Set();
  const { boundMs, againMs = boundMs } = terms;
  const { of } = fatesOf(ledger);
  return new Set(
    recoveriesOf(ledger).flatMap(({ job, recoveredAt, lostBefore, ms }) =>
      recoveredAt === undefined && of[job] === fates.held && ms > (lostBefore > 0 ? againMs : boundMs) ? [job] : [],
    ),
  );
}

/** The one that the run ended in, if it is one that `progress` fails for. */
function lastStandstill(ledger: Ledger): Standstill | undefined {
  const terms = bound.safeParse(ledger.run.claims["progress"]).data;
  if (terms === undefined) return undefined;
  const last = standstills(ledger).at(-1);
  return last?.isLast === true && last.seconds * 1000 > terms.boundMs ? last : undefined;
}
