/** What each process was at, second by second: how many handlers it ran at once, and how many it began. */
import { secondOf, ticksPerSecond } from "./ledger.ts";

export interface Activity {
  /** By second since the origin: the most handlers that ran in it at once. */
  readonly busiest: readonly number[];
  /** How many ran on average, up to the last change. */
  readonly mean: readonly number[];
  readonly starts: readonly number[];
  /** How many ran in the end, from `changedAt` (ticks) on. */
  readonly running: number;
  readonly changedAt: number;
  /**
   * The most that it ran at once without those that the system had withdrawn, and the first second in which that was.
   */
  readonly most: { readonly handlers: number; readonly second: number };
}

/** The same while it is read, record by record in order of time. */
export interface GrowingActivity extends Activity {
  readonly busiest: number[];
  readonly mean: number[];
  readonly starts: number[];
  running: number;
  changedAt: number;
  /** Runs that were withdrawn and go on, by job and attempt: a few at the most. */
  readonly withdrawn: Set<number>;
  most: Activity["most"];
}

export const noActivity = (): GrowingActivity => ({
  busiest: [],
  mean: [],
  starts: [],
  running: 0,
  changedAt: 0,
  withdrawn: new Set(),
  most: { handlers: 0, second: 0 },
});

/** One handler more, or one less, from that moment on (ticks since the origin). */
export function addHandler(activity: GrowingActivity, at: number, by: 1 | -1): void {
  const { busiest, mean, starts } = activity;
  const second = secondOf(at);
  while (busiest.length <= second) {
    passTo(activity, busiest.length * ticksPerSecond);
    busiest.push(activity.running);
    mean.push(0);
    starts.push(0);
  }
  passTo(activity, at);
  activity.running = Math.max(0, activity.running + by);
  busiest[second] = Math.max(busiest[second] ?? 0, activity.running);
  if (by === -1) return;
  starts[second]!++;
  const handlers = activity.running - activity.withdrawn.size;
  if (handlers > activity.most.handlers) activity.most = { handlers, second };
}

/** Within the last second that there is. */
function passTo(activity: GrowingActivity, at: number): void {
  const { mean, running, changedAt } = activity;
  if (at <= changedAt) return;
  if (mean.length > 0) mean[mean.length - 1]! += (running * (at - changedAt)) / ticksPerSecond;
  activity.changedAt = at;
}

/** How many ran in that second on average. */
export function meanIn({ mean, running, changedAt }: Activity, second: number): number {
  if (second >= mean.length) return running;
  const rest = second === mean.length - 1 ? Math.max(0, (second + 1) * ticksPerSecond - changedAt) : 0;
  return (mean[second] ?? 0) + (running * rest) / ticksPerSecond;
}

/** Its handler still has its hand as far as others can see, but the system has given that hand to another. */
export const withdraw = ({ withdrawn }: GrowingActivity, job: number, attempt: number): void =>
  void withdrawn.add(runOf(job, attempt));

export function endHandler(activity: GrowingActivity, at: number, job: number, attempt: number): void {
  if (activity.withdrawn.size > 0) activity.withdrawn.delete(runOf(job, attempt));
  addHandler(activity, at, -1);
}

const runOf = (job: number, attempt: number): number => job * 256 + attempt;
