/**
 * What a fault does to those it touches, and what follows from it for the jobs that they hold. The causes and bounds
 * that checks know are made of these words only; this table is the one place that says what each means.
 */

export interface Meaning {
  /**
   * From when the system has to get over it: `start` where whoever held a job may be gone for good, `end` where nobody
   * can do anything until it is over, `never` where no job leaves anyone's hands.
   */
  readonly recoversFrom: "start" | "end" | "never";
  /** In words, for reports: what befell the process. */
  readonly said: string;
}

export const effectNames = [
  "killed",
  "paused",
  "cut-off",
  "reply-lost",
  "slow",
  "clock-bent",
  "asked-to-stop",
  "store-away",
] as const;
export type Effect = (typeof effectNames)[number];

export const effects = {
  /** The process is gone at once. */
  killed: { recoversFrom: "start", said: "killed" },
  /** The process stands still, and goes on later as if nothing had been. */
  paused: { recoversFrom: "start", said: "paused" },
  /** What it sends does not arrive. */
  "cut-off": { recoversFrom: "start", said: "cut off" },
  /** What it sends arrives and is carried out, but it hears nothing: to all others it looks alive. */
  "reply-lost": { recoversFrom: "end", said: "without replies" },
  /** Everything arrives, late. */
  slow: { recoversFrom: "never", said: "slowed down" },
  /** Its wall clock is wrong; monotonic time is not. */
  "clock-bent": { recoversFrom: "never", said: "with a bent clock" },
  /** It was told to finish and go (SIGTERM). */
  "asked-to-stop": { recoversFrom: "never", said: "asked to stop" },
  /** Nobody reaches the store. */
  "store-away": { recoversFrom: "end", said: "without a store" },
} as const satisfies Record<Effect, Meaning>;
