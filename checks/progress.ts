/**
 * While there is work that is due, a store, and someone well to do it, something is started now and then. Counted in whole
 * seconds, so a stretch may in truth be longer by two, never shorter. Jobs that never start are for others to say.
 */
import { z } from "zod";
import { never, type Incident, type Ledger } from "../history/ledger.ts";
import { dueTimes, secondNs, ticksPerSecond, waitingBySecond, type DueAt } from "../history/waiting.ts";
import type { Check } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({
  boundMs: z
    .number()
    .positive()
    .describe(
      "how long nothing may be started though work is due, ms: at least the recovery bound, since that work may be in dead hands, and at least the longest run",
    ),
});

/** After a fault is over, a process counts as well again this much later. */
const convalescenceNs = secondNs;

export const progress: Check<z.infer<typeof options>> = {
  about:
    "As long as work is due, the store is there and a worker is well, jobs are started: there is no stretch without any that is longer than the bound. A queue that hangs until someone notices loses nothing, and serves nobody.",
  needs: [],
  options,
  neutral: { boundMs: 60_000 },
  check(ledger, { boundMs }) {
    const found = findings(ledger);
    const dueAt = dueTimes(ledger);
    const { waiting, exposed } = waitingBySecond(ledger, dueAt);
    const able = ableSeconds(ledger, waiting.length);
    const { started } = ledger.rates;
    let longest = 0;
    let length = 0;
    for (let second = 0; second <= waiting.length; second++) {
      const idle = (waiting[second] ?? 0) > 0 && able[second] === 1 && (started[second] ?? 0) === 0;
      if (idle) {
        length++;
        continue;
      }
      longest = Math.max(longest, length);
      if (length * 1000 > boundMs) {
        const [from, to, jobs] = [second - length, second, waiting[second - 1] ?? 0];
        const job = longestWaiting(ledger, dueAt, from, to);
        found.violation({
          kind: "idle",
          job,
          what: () =>
            `Nothing was started between ${from} s and ${to} s, though ${jobs} jobs were due, a worker was well and the store was there.`,
          weight: length,
        });
      }
      length = 0;
    }
    return found.verdict({
      exposed,
      counts: { longestIdleSeconds: longest, boundMs },
      missing: filesMissing(ledger, ["worker"]),
    });
  },
};

/**
 * By second, 1 where something could have been started: a worker was well all through it, and nothing else holds work back.
 * Whatever begins or ends for a worker begins the wait anew: the work that is due may just have been in its hands.
 */
function ableSeconds(ledger: Ledger, seconds: number): Uint8Array {
  const able = new Uint8Array(seconds);
  const workers = ledger.incarnations.filter(({ role }) => role === "worker");
  const isWorker = new Set(workers.map(({ incarnation }) => incarnation));
  for (const { incarnation, exitedAt, stalls } of workers) {
    const readyAt = ledger.readyAt.get(incarnation);
    if (readyAt === undefined) continue;
    const hits = [...ledger.incidents.filter(({ incarnations }) => incarnations.includes(incarnation)), ...stalls];
    const from = Math.max(0, Math.ceil((readyAt + convalescenceNs) / secondNs));
    const to = Math.min(seconds, Math.floor((exitedAt ?? Number.POSITIVE_INFINITY) / secondNs));
    for (let second = from; second < to; second++)
      if (!hits.some((hit) => touchesSecond(hit.from, hit.to + convalescenceNs, second))) able[second] = 1;
  }
  const shut = (from: number, to: number): void => {
    able.fill(0, Math.max(0, Math.floor(from / secondNs)), Math.max(0, Math.floor(to / secondNs) + 1));
  };
  for (const { exitedAt } of workers) if (exitedAt !== undefined) shut(exitedAt, exitedAt);
  for (const incident of ledger.incidents) {
    if (!incident.incarnations.some((incarnation) => isWorker.has(incarnation))) continue;
    if (holdsBack(incident)) shut(incident.from, incident.to + convalescenceNs);
    else {
      shut(incident.from, incident.from);
      shut(incident.to, incident.to);
    }
  }
  return able;
}

const touchesSecond = (from: number, to: number, second: number): boolean =>
  from < (second + 1) * secondNs && to > second * secondNs;

/** Nobody can do anything, or the work is with someone who looks alive and will come to it late. */
const holdsBack = ({ effect }: Incident): boolean =>
  effect === "store-away" || effect === "reply-lost" || effect === "slow";

/** Of those that were due all through these seconds. */
function longestWaiting(
  { columns: { firstStartAt } }: Ledger,
  dueAt: DueAt,
  from: number,
  to: number,
): number | undefined {
  let first: number | undefined;
  for (let job = 0; job < firstStartAt.length; job++) {
    const started = firstStartAt[job] ?? never;
    if (started === never || started < to * ticksPerSecond || dueAt(job) > from * ticksPerSecond) continue;
    if (first === undefined || dueAt(job) < dueAt(first)) first = job;
  }
  return first;
}
