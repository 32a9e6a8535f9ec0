/** What each process was at, second by second: how many handlers it ran at once, and how many it began. */

export interface Activity {
  /** By second since the origin: the most handlers that ran in it at once. */
  readonly busiest: readonly number[];
  readonly starts: readonly number[];
  /** How many ran in the end, and all through every second after the last one. */
  readonly running: number;
  /** The most that it ran at once without those that the system had withdrawn, and the first second in which that was. */
  readonly most: { readonly handlers: number; readonly second: number };
}

/** The same while it is read, record by record in order of time. */
export interface GrowingActivity extends Activity {
  readonly busiest: number[];
  readonly starts: number[];
  running: number;
  /** Runs that were withdrawn and go on, by job and attempt: a few at the most. */
  readonly withdrawn: Set<number>;
  most: Activity["most"];
}

export const noActivity = (): GrowingActivity => ({
  busiest: [],
  starts: [],
  running: 0,
  withdrawn: new Set(),
  most: { handlers: 0, second: 0 },
});

/** One handler more, or one less, from that second on. */
export function addHandler(activity: GrowingActivity, second: number, by: 1 | -1): void {
  const { busiest, starts } = activity;
  while (busiest.length <= second) {
    busiest.push(activity.running);
    starts.push(0);
  }
  activity.running = Math.max(0, activity.running + by);
  busiest[second] = Math.max(busiest[second] ?? 0, activity.running);
  if (by === -1) return;
  starts[second]!++;
  const handlers = activity.running - activity.withdrawn.size;
  if (handlers > activity.most.handlers) activity.most = { handlers, second };
}

/** Its handler still has its hand as far as others can see, but the system has given that hand to another. */
export const withdraw = ({ withdrawn }: GrowingActivity, job: number, attempt: number): void =>
  void withdrawn.add(runOf(job, attempt));

export function endHandler(activity: GrowingActivity, second: number, job: number, attempt: number): void {
  if (activity.withdrawn.size > 0) activity.withdrawn.delete(runOf(job, attempt));
  addHandler(activity, second, -1);
}

const runOf = (job: number, attempt: number): number => job * 256 + attempt;
