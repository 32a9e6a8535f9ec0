/** What the checks have in common that judge by whole seconds in which nothing was started: when it could have been, and who waited. */
import { never, type Incident, type Ledger } from "../history/ledger.ts";
import { secondNs, ticksPerSecond, type DueAt } from "../history/waiting.ts";

/** After a fault is over, a process counts as well again this much later. */
const convalescenceNs = secondNs;

/**
 * By second, 1 where something could have been started: a worker was well all through it, and nothing else holds work back.
 * Whatever begins or ends for a worker begins the wait anew: the work that is due may just have been in its hands.
 */
export function ableSeconds(ledger: Ledger, seconds: number): Uint8Array {
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

/** Of the jobs that were due all through these seconds, the one that was due first. */
export function longestWaiting(
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
