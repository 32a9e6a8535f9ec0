/** What each process was at, second by second: how many handlers it ran at once, and how many it began. */

export interface Activity {
  /** By second since the origin: the most handlers that ran in it at once. */
  readonly busiest: readonly number[];
  readonly starts: readonly number[];
  /** How many ran in the end, and all through every second after the last one. */
  readonly running: number;
}

/** The same while it is read, record by record in order of time. */
export interface GrowingActivity extends Activity {
  readonly busiest: number[];
  readonly starts: number[];
  running: number;
}

export const noActivity = (): GrowingActivity => ({ busiest: [], starts: [], running: 0 });

/** One handler more, or one less, from that second on. */
export function addHandler(activity: GrowingActivity, second: number, by: 1 | -1): void {
  const { busiest, starts } = activity;
  while (busiest.length <= second) {
    busiest.push(activity.running);
    starts.push(0);
  }
  activity.running = Math.max(0, activity.running + by);
  busiest[second] = Math.max(busiest[second] ?? 0, activity.running);
  if (by === 1) starts[second]!++;
}
