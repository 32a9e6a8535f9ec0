/**
 * Owns what a process leaves behind that was asked to stop, and how it goes; who was hit by something else meanwhile is
 * excused.
 */
import { z } from "zod";
import { silencesOf } from "../history/hits.ts";
import { never, tickNs, type Incarnation, type Incident, type Ledger } from "../history/ledger.ts";
import { repeatsOf } from "../history/repeats.ts";
import type { Check } from "./contract.ts";
import { damaged } from "./causes.ts";
import { filesMissing, journalMissing, lifeMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({
  graceMs: z.number().nonnegative().describe("from the request to stop to the end of the process, ms"),
});

/** For the end itself, and for it to be seen. */
const sparedMs = 1000;

export const gracefulStop: Check<z.infer<typeof options>> = {
  about:
    "A worker that is asked to stop finishes and settles what it runs, hands back the rest, and ends by itself within its grace. Else every deployment runs jobs twice, or waits for their leases to run out. Exposed are jobs that ran when somebody was asked to stop.",
  needs: [],
  options,
  neutral: { graceMs: 30_000 },
  check(ledger, { graceMs }) {
    const found = findings(ledger);
    const all = requests(ledger);
    const judged = all.filter((request) => !isExcused(ledger, request));
    for (const { process, incident } of judged) {
      const { incarnation, end, exitedAt } = process;
      const tookMs = exitedAt === undefined ? undefined : (exitedAt - incident.from) / 1e6;
      if (tookMs === undefined || tookMs > graceMs + sparedMs)
        found.violation({
          kind: "late",
          job: undefined,
          doubt: journalMissing(ledger),
          at: exitedAt,
          what: () =>
            `Worker process ${incarnation} was asked to stop by ${incident.id}, and ${tookMs === undefined ? "never ended" : `ended after ${(tookMs / 1000).toFixed(1)} s`}; its grace was ${(graceMs / 1000).toFixed(1)} s.`,
        });
      else if (end !== "closed")
        found.violation({
          kind: "notByItself",
          job: undefined,
          doubt: damaged(ledger, [incarnation]),
          at: exitedAt,
          what: () =>
            `Worker process ${incarnation} was asked to stop by ${incident.id}, and ${end} instead of ending in good order.`,
        });
    }
    for (const { job, repeats } of repeatsOf(ledger)) {
      for (const { start, earlier, earlierRun, causes, left } of repeats.extras) {
        if (!left || causes.some((cause) => cause !== "asked-to-stop")) continue;
        if (!judged.some(({ process }) => process.incarnation === earlier.incarnation)) continue;
        found.violation({
          kind: "leftBehind",
          job,
          doubt: lifeMissing(ledger, job),
          at: start.at,
          what: () =>
            `Job ${job} had ${earlierRun === "open" ? "been begun" : earlierRun} in process ${earlier.incarnation}, which was asked to stop and went; it was started again by process ${start.incarnation}.`,
        });
      }
    }
    const busy = new Set(busyAt(ledger, judged));
    return found.verdict({
      exposed: busy.size,
      counts: { asked: all.length, excused: all.length - judged.length },
      missing: filesMissing(ledger, ["worker"]),
    });
  },
};

interface Request {
  readonly process: Incarnation;
  readonly incident: Incident;
}

const requests = ({ incidents, incarnations }: Ledger): readonly Request[] =>
  incidents
    .filter(({ effect }) => effect === "asked-to-stop")
    .flatMap((incident) =>
      incarnations
        .filter(({ role, incarnation }) => role === "worker" && incident.incarnations.includes(incarnation))
        .map((process) => ({ process, incident })),
    );

function isExcused(ledger: Ledger, { process, incident }: Request): boolean {
  const { incarnation, exitedAt = incident.to } = process;
  return silencesOf(ledger, incarnation, exitedAt).some(
    ({ over, hits }) =>
      over >= incident.from &&
      hits.some(({ cause, from, to, incident: fault }) => {
        if (cause === "stalled") return to >= incident.from && to - from > standstillNs;
        // How it ends is what it is judged by, unless a job of its own took it along.
        return cause === "killed" ? fault !== undefined || ledger.startedKiller(incarnation) : true;
      }),
  );
}

/** A busy machine's hiccups are no excuse. */
const standstillNs = 2e9;

/**
 * Those jobs that were in the middle of a run when someone was asked to stop: whose each was is not kept of clean ones.
 */
function* busyAt({ columns: { firstStartAt, lastEndAt } }: Ledger, asked: readonly Request[]): Iterable<number> {
  const moments = asked.map(({ incident }) => incident.from / tickNs);
  if (moments.length === 0) return;
  for (let job = 0; job < firstStartAt.length; job++) {
    const [from, to] = [firstStartAt[job] ?? never, lastEndAt[job] ?? never];
    if (from !== never && moments.some((moment) => from < moment && to >= moment)) yield job;
  }
}
