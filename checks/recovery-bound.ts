/**
 * Work in the hands of a dead or cut-off process goes on within the promised time; what has not when that is over is
 * late, too.
 */
import { z } from "zod";
import type { Ledger } from "../history/ledger.ts";
import { recoveriesOf, type Recovery } from "../history/recoveries.ts";
import { mayBeInTime, type UnseenDelay } from "../history/unseen-delays.ts";
import { percentile } from "../std/percentile.ts";
import type { Check } from "./contract.ts";
import { filesMissing, scanMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({
  boundMs: z
    .number()
    .positive()
    .describe("from the fault (or the return of the store) to the next start, or to the owner's own settlement, ms"),
  againMs: z
    .number()
    .positive()
    .optional()
    .describe(
      "the same for a job that an earlier owner had lost already: a queue may suspect it of ending its workers",
    ),
});

export const recoveryBound: Check<z.infer<typeof options>> = {
  about:
    "A job in the hands of a process that dies or loses its link is started again, or settled after all, within the bound (which may be longer where this happens to a job again), whatever else goes on. Nothing is lost otherwise, but for those who wait it is as good as lost. Exposed are the jobs in those hands.",
  needs: [],
  options,
  neutral: { boundMs: 60_000 },
  universal: ({ recoveryMs, againMs }) => ({ boundMs: recoveryMs, againMs }),
  check(ledger, { boundMs, againMs = boundMs }) {
    const found = findings(ledger);
    const blind = filesMissing(ledger, ["worker"]);
    const judged = new Set<number>();
    const times: number[] = [];
    let neverRestarted = 0;
    let again = 0;
    for (const recovery of recoveriesOf(ledger)) {
      const { job, ms, lostBefore, recoveredAt } = recovery;
      const mayTakeMs = lostBefore > 0 ? againMs : boundMs;
      judged.add(job);
      times.push(ms);
      if (recoveredAt === undefined) neverRestarted++;
      if (lostBefore > 0) again++;
      if (ms <= mayTakeMs) continue;
      // What is not on record may have been its start; that the store holds it still says that it had none.
      const doubt = recoveredAt === undefined ? (blind ?? scanMissing(ledger)) : blind;
      const delay = mayBeInTime(ledger, recovery, { mayTakeMs, againMs });
      if (doubt !== undefined) found.unsure(doubt);
      else if (delay !== undefined) found.unsure(unsure(recovery, mayTakeMs, delay));
      else
        found.violation({
          kind: recoveredAt === undefined ? "never" : "late",
          job,
          at: recoveredAt,
          what: () => late(recovery, mayTakeMs, ledger),
          weight: ms,
        });
    }
    return found.verdict({
      exposed: judged.size,
      counts: { recoveries: times.length, again, neverRestarted, ...figures(times), boundMs, againMs },
      missing: blind,
    });
  },
};

function late({ job, incident, died, ms, recoveredAt }: Recovery, mayTakeMs: number, { run }: Ledger): string {
  const by =
    incident === undefined
      ? `its process ${died ? "died" : "stood still"}`
      : `${incident.fault} (${incident.id}) took it away`;
  return `Job ${job} ${went(recoveredAt)} ${seconds(ms)} after ${by}; ${run.system} may take ${seconds(mayTakeMs)}.`;
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

const went = (recoveredAt: number | undefined): string => (recoveredAt === undefined ? "had not gone on" : "went on");

const unsure = ({ job, ms, recoveredAt }: Recovery, mayTakeMs: number, delay: UnseenDelay): string =>
  `job ${job} ${went(recoveredAt)} after ${seconds(ms)}, and ${seconds(mayTakeMs)} are promised; but ${delay.what}: then it is ${seconds(delay.ms)}`;

/** Nothing where nothing was in flight. */
function figures(times: readonly number[]): {
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  readonly maxMs?: number;
} {
  if (times.length === 0) return {};
  const sorted = times.toSorted((a, b) => a - b);
  const at = (percent: number): number => Math.round(percentile(sorted, percent));
  return { p50Ms: at(50), p99Ms: at(99), maxMs: at(100) };
}
