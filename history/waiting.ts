/** What waits for a worker, second by second, and what it is like to enqueue beside it. */
import { delayUnitMs, never, outcomes, tickNs, type Ledger, ticksPerSecond } from "./ledger.ts";

export const secondNs = 1e9;
const ticksPerDelayUnit = (delayUnitMs * 1e6) / tickNs;

/** In ticks, when a job could first be started; `never` where nobody can say. */
export type DueAt = (job: number) => number;

export function dueTimes({ columns: { outcome, answeredAt, delay }, incidents }: Ledger): DueAt {
  // Delays are counted by a clock that was wrong for a while.
  const bent = incidents.some(({ touches }) => touches.includes("clock:store"));
  return (job) => {
    if (outcome[job] !== outcomes.ok || (bent && delay[job] !== 0)) return never;
    return (answeredAt[job] ?? never) + (delay[job] ?? 0) * ticksPerDelayUnit;
  };
}

/**
 * By second: jobs that were due all through it, and started later. `exposed`: all that were due and started; `waited`:
 * those that waited for any of these seconds.
 */
export function waitingBySecond(
  { columns: { firstStartAt }, rates }: Ledger,
  dueAt: DueAt,
): { readonly waiting: Int32Array; readonly exposed: number; readonly waited: number } {
  const waiting = new Int32Array(rates.started.length + 1);
  let exposed = 0;
  let waited = 0;
  for (let job = 0; job < firstStartAt.length; job++) {
    const started = firstStartAt[job] ?? never;
    const due = dueAt(job);
    if (started === never || due >= never) continue;
    exposed++;
    const from = Math.ceil(due / ticksPerSecond);
    const to = Math.floor(started / ticksPerSecond);
    if (from >= to) continue;
    waited++;
    waiting[from]!++;
    waiting[to]!--;
  }
  for (let second = 1; second < waiting.length; second++) waiting[second]! += waiting[second - 1] ?? 0;
  return { waiting, exposed, waited };
}

/** Fewer than these are no backlog. */
const backlogLeast = 500;
const calmShare = 0.05;
const backlogShare = 0.5;
/** What a fault leaves behind is over by then. */
const convalescenceNs = 2 * secondNs;

export type QueueState = "calm" | "backlog";

/**
 * How it was around a moment (ticks since the origin) for whoever enqueued: next to nothing waited, or at least half of
 * the most that ever did; undefined in between, while a fault was in force, and where there never was a backlog.
 */
export function surroundings(ledger: Ledger): (ticks: number) => QueueState | undefined {
  const { waiting } = waitingBySecond(ledger, dueTimes(ledger));
  const most = waiting.reduce((soFar, jobs) => Math.max(soFar, jobs), 0);
  const how = Array.from(waiting, (jobs, second): QueueState | undefined => {
    // A burst is counted as waiting in the second after it, which is not calm before it for that.
    const both = [jobs, waiting[second + 1] ?? 0];
    if (most < backlogLeast || isDisturbed(ledger, second)) return undefined;
    if (both.every((one) => one <= calmShare * most)) return "calm";
    return both.every((one) => one >= backlogShare * most) ? "backlog" : undefined;
  });
  return (ticks) => how[Math.floor(ticks / ticksPerSecond)];
}

/** A fault was in force in that second, or just over. */
export const isDisturbed = ({ incidents }: Ledger, second: number): boolean =>
  incidents.some(({ from, to }) => from < (second + 1) * secondNs && to + convalescenceNs > second * secondNs);
