/**
 * A day as a queue might live it, second by second: enough of a model (arrivals, a backlog, faults that take capacity
 * away, work that comes back late) that reports can be looked at and tested without a run.
 */
import { tickNs, type Incident } from "../../history/ledger.ts";
import type { Distribution, Series } from "../../measures/contract.ts";
import { distribution, durations, merged, type Durations } from "../../measures/distribution.ts";
import type { Random } from "../../std/random.ts";

export interface Day {
  readonly seconds: number;
  readonly jobs: number;
  readonly workers: number;
  readonly incidents: readonly Incident[];
  /** Seconds between the origin and the start of the load. */
  readonly leadIn: number;
}

interface Second {
  readonly at: number;
  readonly offered: number;
  readonly acknowledged: number;
  readonly started: number;
  readonly done: number;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly stranded: number;
  readonly alive: number;
  readonly storeAway: boolean;
  readonly waitMs: number;
}

const drainSeconds = 15;
const jobsPerWorkerSecond = 900;

/** Night, morning ramp, lunch dip, evening peak; its mean over the day is about 1. */
const arrivals = (share: number): number =>
  0.22 + 1.25 * Math.exp(-(((share - 0.42) / 0.11) ** 2)) + 1.75 * Math.exp(-(((share - 0.77) / 0.12) ** 2));

export function liveThrough(day: Day, random: Random): readonly Second[] {
  const scale =
    day.jobs / Array.from({ length: day.seconds }, (_, t) => arrivals(t / day.seconds)).reduce((a, b) => a + b, 0);
  const seconds: Second[] = [];
  let [unsent, waiting, delayed] = [0, 0, 0];
  for (let t = 0; t < day.seconds + drainSeconds; t++) {
    const at = t + day.leadIn;
    const hit = day.incidents.filter(({ from, to }) => from < (at + 1) * 1e9 && to > at * 1e9);
    const storeAway = hit.some(({ effect }) => effect === "store-away");
    const lost = new Set(
      hit.filter(({ effect }) => effect !== "store-away").flatMap(({ incarnations }) => incarnations),
    ).size;
    const killed = hit.filter(({ effect }) => effect === "killed").length;
    const offered = t < day.seconds ? Math.round(arrivals(t / day.seconds) * scale * (0.97 + random.unit() * 0.06)) : 0;
    const acknowledged = storeAway ? 0 : offered + unsent;
    unsent = storeAway ? unsent + offered : 0;
    const capacity = storeAway ? 0 : Math.max(1, day.workers - lost) * jobsPerWorkerSecond;
    const back = storeAway ? 0 : Math.round(delayed * 0.4);
    const started = Math.min(waiting + acknowledged + back, capacity);
    const failed = Math.round(started * 0.02);
    waiting += acknowledged + back - started;
    delayed += failed - back;
    const waitMs = (storeAway ? 900 : 0) + (waiting / Math.max(capacity, 900)) * 1000 + lost * 4;
    seconds.push({
      at,
      offered,
      acknowledged,
      started,
      done: started - failed,
      waiting,
      active: storeAway ? 40 : Math.round(started * 0.011),
      delayed,
      stranded: storeAway ? 0 : lost * 95,
      alive: day.workers - killed,
      storeAway,
      waitMs,
    });
  }
  return seconds;
}

// long: a table, one entry for each series
export function seriesFrom(
  seconds: readonly Second[],
): Readonly<Record<string, { readonly about: string; readonly measured: Series }>> {
  const at = seconds.map((second) => second.at);
  const column = (pick: (second: Second) => number | null): readonly (number | null)[] => seconds.map(pick);
  const busy =
    (value: (second: Second) => number) =>
    (second: Second): number | null =>
      second.started === 0 ? null : value(second);
  const series = (
    unit: Series["unit"],
    lines: Readonly<Record<string, (second: Second) => number | null>>,
  ): Series => ({
    kind: "series",
    unit,
    at,
    lines: Object.fromEntries(Object.entries(lines).map(([name, pick]) => [name, column(pick)])),
  });
  return {
    "load-over-time": {
      about: "Jobs a second as the plan had them and as they were sent.",
      measured: series("jobs/s", { planned: (s) => s.offered, sent: (s) => s.offered }),
    },
    "lateness-over-time": {
      about: "How far behind its plan the load generator was in each second.",
      measured: series("ms", {
        p50: busy(() => 0.4),
        p99: busy((s) => 2 + s.offered / 2000),
        max: busy((s) => 5 + s.offered / 600),
      }),
    },
    depth: {
      about: "What the system said that it still had to do, beside the backlog by the run's own record.",
      measured: series("jobs", {
        "the record": (s) => s.waiting + s.active + s.delayed,
        "the system": (s) => (s.storeAway ? null : Math.round((s.waiting + s.active) * 0.98)),
      }),
    },
    cpu: {
      about: "Processor time that the harness's own processes used, in percent of one core.",
      measured: series("%", {
        "producer 0": (s) => 4 + s.offered / 70,
        "busiest worker": (s) => 6 + s.started / 60,
        "mean worker": (s) => 5 + s.started / 75,
        harness: () => 2,
      }),
    },
    throughput: {
      about: "Jobs per second as they were offered, acknowledged, started and done.",
      measured: {
        kind: "series",
        unit: "jobs/s",
        at,
        lines: {
          offered: column((s) => s.offered),
          acknowledged: column((s) => s.acknowledged),
          started: column((s) => s.started),
          done: column((s) => s.done),
        },
      },
    },
    backlog: {
      about: "Jobs acknowledged and not yet at their end, by where they are.",
      measured: {
        kind: "series",
        unit: "jobs",
        stacked: true,
        at,
        lines: {
          waiting: column((s) => s.waiting),
          delayed: column(() => 0),
          active: column((s) => s.active),
          stranded: column((s) => s.stranded),
          retrying: column((s) => s.delayed),
        },
      },
    },
    "latency-over-time": {
      about: "End-to-end latency of the jobs that ended in each second.",
      measured: {
        kind: "series",
        unit: "ms",
        at,
        lines: {
          p50: column(busy((s) => 11 + s.waitMs)),
          p99: column(busy((s) => 31 + s.waitMs * 1.6)),
          max: column(busy((s) => 640 + s.waitMs * 4 + (s.alive % 4) * 900)),
        },
      },
    },
    "workers-alive": {
      about: "Worker processes that run and are not stopped.",
      measured: { kind: "series", unit: "processes", at, lines: { workers: column((s) => s.alive) } },
    },
  };
}

type Phase = "before faults" | "during faults" | "after faults";
/** Enough for curves to look like curves; a long day has as many as a short one. */
const samples = 36_000;

const ticks = (ms: number): number => Math.max(1, Math.round((ms * 1e6) / tickNs));

/**
 * @param latencyMs one job's latency in a second, and what it would have been counted from the real send
 * @param open ages of jobs that were never over, ms; they were sent while faults were in force
 */
export function distributionFrom(
  seconds: readonly Second[],
  faults: { readonly from: number; readonly to: number },
  latencyMs: (second: Second) => readonly [corrected: number, uncorrected?: number],
  open: readonly number[] = [],
): Distribution {
  const phases: Readonly<Record<Phase, Durations>> = {
    "before faults": durations(),
    "during faults": durations(),
    "after faults": durations(),
  };
  const uncorrected = durations();
  let isCompared = false;
  const perSecond = Math.ceil(samples / seconds.length);
  for (const second of seconds) {
    const phase: Phase =
      second.at < faults.from ? "before faults" : second.at < faults.to ? "during faults" : "after faults";
    for (let i = 0; i < Math.min(second.offered, perSecond); i++) {
      const [corrected, real] = latencyMs(second);
      phases[phase].add(ticks(corrected));
      if (real === undefined) continue;
      uncorrected.add(ticks(real));
      isCompared = true;
    }
  }
  for (const ms of open) phases["during faults"].add(ticks(ms), false);
  const parts = Object.fromEntries(Object.entries(phases).map(([name, one]) => [name, one.tally()]));
  return distribution(merged(Object.values(parts)), {
    ...parts,
    ...(isCompared ? { uncorrected: uncorrected.tally() } : {}),
  });
}
