/**
 * Workers outlive what happens to their store and links: owns the process that ends by itself, and the one that never
 * takes a job again.
 */
import { z } from "zod";
import type { Effect } from "../history/effects.ts";
import { hitsOf } from "../history/hits.ts";
import type { Death, Incarnation, Ledger } from "../history/ledger.ts";
import { secondNs } from "../history/waiting.ts";
import type { Check } from "./contract.ts";
import { filesMissing, journalMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({
  boundMs: z
    .number()
    .positive()
    .describe("from the end of a fault on a worker to its next start, while there is work for it, ms"),
});

export const workersSurvive: Check<z.infer<typeof options>> = {
  about:
    "No process of the queue ends by itself, and after each fault every worker takes jobs again within the bound, if there are any. A fleet that dies one by one, or of which ever fewer work, serves nobody in the end. Exposed are the returns of workers after which the others had work enough to tell.",
  needs: [],
  options,
  neutral: { boundMs: 60_000 },
  universal: ({ recoveryMs }) => ({ boundMs: recoveryMs }),
  check(ledger, { boundMs }) {
    const found = findings(ledger);
    for (const death of ledger.deaths) {
      if (death.by === "outside") {
        found.unsure(`${death.role} process ${death.incarnation} was ended by ${death.signal} from outside of the run`);
        continue;
      }
      found.violation({
        kind: "endedByItself",
        job: undefined,
        at: death.at,
        // The fault that ended it may be what is not on record.
        doubt: journalMissing(ledger),
        what: () => last(death),
        weight: 1,
      });
    }
    const missing = filesMissing(ledger, ["worker"]);
    const comebacks = comebacksOf(ledger, boundMs);
    for (const { process, from, until, others, after } of comebacks) {
      if (startsBetween(ledger, process, from, until) > 0) continue;
      if (missing !== undefined) {
        found.unsure(missing);
        continue;
      }
      found.violation({
        kind: "tookNoMore",
        job: undefined,
        at: until,
        what: () =>
          `Worker process ${process.incarnation} started nothing for ${seconds(until - from)} after ${after}, while the others started ${others} jobs; it may take ${seconds(boundMs * 1e6)}.`,
      });
    }
    return found.verdict({
      exposed: comebacks.length,
      counts: {
        endedByThemselves: ledger.deaths.filter(({ by }) => by === "itself").length,
        comebacks: comebacks.length,
      },
      missing,
    });
  },
};

const seconds = (ns: number): string => `${(ns / 1e9).toFixed(1)} s`;

function last({ role, incarnation, at, code, signal, lastWords }: Death): string {
  const how = signal === null ? `exit code ${code}` : signal;
  const said = lastWords.length === 0 ? "; it printed nothing" : `; the last that it printed: ${lastWords.join(" | ")}`;
  return `${role === "worker" ? "Worker" : "Producer"} process ${incarnation} ended by itself at ${seconds(at)} (${how})${said.replace(/[.\s]+$/, "")}.`;
}

/** It was well again for so long, and others, on average, found that much to do. */
interface Comeback {
  readonly process: Incarnation;
  readonly after: string;
  readonly from: number;
  readonly until: number;
  readonly others: number;
}

/** Fewer than these for each of the others, and that it got none may be chance. */
const othersLeast = 50;
const survived: ReadonlySet<Effect | "stalled"> = new Set(["paused", "cut-off", "reply-lost", "store-away"]);

/** Each worker that was hit, and then left alone until its end, or that of the load, for longer than the bound. */
function comebacksOf(ledger: Ledger, boundMs: number): readonly Comeback[] {
  const workers = ledger.incarnations.filter(({ role }) => role === "worker");
  return workers.flatMap((process): readonly Comeback[] => {
    // A wrong clock keeps nobody from taking jobs.
    const hits = hitsOf(ledger, process.incarnation).filter(({ cause }) => cause !== "clock-bent");
    const end = Math.min(process.exitedAt ?? Number.POSITIVE_INFINITY, ledger.phases.loadTo);
    return hits.flatMap((hit): readonly Comeback[] => {
      if (!survived.has(hit.cause) || hit.incident === undefined) return [];
      const from = hit.to;
      const until = Math.min(end, ...hits.filter((one) => one.to > from).map((one) => one.from));
      if (until - from <= boundMs * 1e6) return [];
      const rest = workers.filter((one) => one !== process);
      const others = rest.reduce((sum, one) => sum + startsBetween(ledger, one, from + boundMs * 1e6, until), 0);
      return others / Math.max(1, rest.length) >= othersLeast
        ? [{ process, after: hit.incident.id, from, until, others }]
        : [];
    });
  });
}

/** In whole seconds that lie between the two, ns since origin. */
function startsBetween({ activity }: Ledger, { incarnation }: Incarnation, from: number, to: number): number {
  const starts = activity.get(incarnation)?.starts ?? [];
  return starts.slice(Math.floor(from / secondNs), Math.ceil(to / secondNs)).reduce((sum, count) => sum + count, 0);
}
