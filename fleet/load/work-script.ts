/**
 * What each job is: its text, how long it runs, on which attempts it fails, how long it must wait and which priority it
 * has. A pure function of seed and number, so that producers, workers and the final scan agree without a word between
 * them.
 */
import { alwaysFails, killsItsWorker } from "../../history/record.ts";
import type { Load } from "../../scenarios/contract.ts";
import { mix } from "../../std/random.ts";
import { arrivals } from "./arrivals.ts";
import { textsOf, type Texts } from "./texts.ts";

export interface WorkScript extends Texts {
  micros(n: number): number;
  /**
   * Attempts 1 to this many fail; `alwaysFails` for every one, `killsItsWorker` for one that no attempt comes to the
   * end of.
   */
  plannedFailures(n: number): number;
  /** It must not start earlier than this after its enqueue: whole steps of 10 ms, 0 for at once. */
  delayMs(n: number): number;
  /** Its name; undefined where the load has none. */
  priority(n: number): string | undefined;
  /** The job under whose key it is enqueued: an earlier one, or itself; undefined where the load has no keys. */
  keyOf(n: number): number | undefined;
}

/** Numbers from 0 to 1 that differ by purpose: the same job's run time says nothing of its failures. */
const purposes = {
  filler: 0x51ed270b,
  duration: 0x2545f491,
  failing: 0x6c8e9cf5,
  delayed: 0x85ebca6b,
  delay: 0xc2b2ae35,
  priority: 0x27d4eb2f,
  length: 0x165667b1,
  script: 0x9e3779b1,
  repeated: 0xd3a2646c,
  since: 0xfd7046c5,
} as const;

const delayStepMs = 10;

export function workScript(
  load: Pick<
    Load,
    "curve" | "jobs" | "seconds" | "payloadBytes" | "texts" | "work" | "repeats" | "retries" | "priorities"
  >,
  seed: number,
): WorkScript {
  const chance = (n: number, purpose: keyof typeof purposes): number =>
    mix(seed ^ Math.imul(n + 1, purposes[purpose])) / 2 ** 32;
  const { durationMs, failing, alwaysFailing, killing, delayed } = load.work;
  const [shortest, longest] = durationMs;
  const priorities = Object.entries(load.priorities ?? {});
  const { intendedMs } = arrivals(load.curve, load.jobs, load.seconds, seed);
  return {
    ...textsOf(load, seed, chance),
    micros: (n) => Math.round((shortest + chance(n, "duration") * (longest - shortest)) * 1000),
    plannedFailures(n) {
      const drawn = chance(n, "failing");
      if (drawn < alwaysFailing) return alwaysFails;
      if (drawn >= alwaysFailing + failing) return drawn < alwaysFailing + failing + killing ? killsItsWorker : 0;
      // Half of the failing ones fail once, the others as often as still leads to success.
      return drawn < alwaysFailing + failing / 2 ? 1 : Math.max(1, load.retries.attempts - 1);
    },
    delayMs(n) {
      if (chance(n, "delayed") >= delayed.share) return 0;
      const steps = Math.floor(delayed.upToMs / delayStepMs);
      if (delayed.together !== true) return delayStepMs * Math.ceil(chance(n, "delay") * steps);
      const everyMs = delayStepMs * steps;
      // To the next of those moments from when it is to be sent: never none.
      return delayStepMs * Math.max(1, Math.round((everyMs - (intendedMs(n) % everyMs)) / delayStepMs));
    },
    keyOf: keysOf(load.repeats, intendedMs, chance),
    priority(n) {
      let left = chance(n, "priority");
      // The last one that gets any takes what is lost in adding up.
      return (
        priorities.find(([, { share }]) => (left -= share) < 0) ?? priorities.findLast(([, { share }]) => share > 0)
      )?.[0];
    },
  };
}

/** Of the repetitions so many follow at once: the enqueue of the first may be under way, often by another producer. */
const atOnceShare = 0.4;

/** Each repetition finds the job of which it is one by its own number: nothing is kept of any. */
function keysOf(
  repeats: Load["repeats"],
  intendedMs: (n: number) => number,
  chance: (n: number, purpose: "repeated" | "since") => number,
): WorkScript["keyOf"] {
  if (repeats === undefined) return () => undefined;
  const { share, withinMs } = repeats;
  const isFirst = (n: number): boolean => chance(n, "repeated") >= share;
  return (n) => {
    if (isFirst(n)) return n;
    const since = (chance(n, "since") - atOnceShare) / (1 - atOnceShare);
    let first = since < 0 ? n - 1 : lastBefore(intendedMs, n, intendedMs(n) - since * withinMs);
    while (first >= 0 && !isFirst(first)) first--;
    return first < 0 ? n : first;
  };
}

/** The last job below n that is due by then; none is -1. */
function lastBefore(intendedMs: (n: number) => number, n: number, byMs: number): number {
  let [low, high] = [-1, n - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (intendedMs(middle) <= byMs) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** What a planned failure says: the scan holds dead-letter entries against it. */
export const plannedError = (n: number, attempt: number): string => `planned failure of job ${n}, attempt ${attempt}`;

/** Which job and attempt a text names that a planned failure is in; undefined for any other. */
export function readPlannedError(text: string): { readonly job: number; readonly attempt: number } | undefined {
  const [, job, attempt] = /planned failure of job (\d+), attempt (\d+)/.exec(text) ?? [];
  return job === undefined || attempt === undefined ? undefined : { job: Number(job), attempt: Number(attempt) };
}
