import { isRepetition } from "../history/fates.ts";
import { never, tickNs, type Incarnation, type LifeEvent, ticksPerSecond } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { secondsFrom } from "./seconds.ts";
import { acknowledgedAt, finishedAt } from "./times.ts";

type State = "waiting" | "delayed" | "active" | "stranded" | "retrying";

export const backlog = {
  about:
    "Jobs that the system had accepted and not yet settled, at the end of each second: waiting for a worker, delayed on purpose, active in a worker's hands (what a stream keeps as pending), stranded with a worker that is gone, or retrying after a failure.",
  measure(ledger) {
    const seconds = ledger.rates.intended.length;
    const { firstStartAt } = ledger.columns;
    const acknowledged = acknowledgedAt(ledger);
    const finished = finishedAt(ledger);
    const none = (): Int32Array => new Int32Array(seconds + 1);
    const changes: Readonly<Record<State, Int32Array>> = {
      waiting: none(),
      delayed: none(),
      active: none(),
      stranded: none(),
      retrying: none(),
    };
    const secondOf = (ticks: number): number => Math.min(seconds, Math.floor(ticks / ticksPerSecond));
    const count = (state: State, from: number, to: number): void => {
      changes[state][secondOf(from)]!++;
      if (to !== never) changes[state][secondOf(to)]!--;
    };
    for (let job = 0; job < firstStartAt.length; job++) {
      if (ledger.isExceptional(job)) continue;
      const start = firstStartAt[job] ?? never;
      // An acknowledgement may be on file after the start; a job that runs was taken up.
      const from = Math.min(acknowledged(job), start);
      if (from === never) continue;
      count("waiting", from, start);
      if (start !== never) count("active", start, Math.max(start, finished(job)));
    }
    const gone = endsOf(ledger.incarnations);
    for (const { job, life } of ledger.exceptions()) {
      if (isRepetition(ledger, job)) continue;
      const steps = stepsOf(life, gone);
      const end = finished(job);
      for (const [i, { at, state }] of steps.entries()) {
        const next = steps[i + 1]?.at ?? never;
        if (at < end || end === never) count(state, at, Math.min(next, end));
      }
    }
    const line = (state: State): readonly number[] => summed(changes[state], seconds);
    return {
      kind: "series",
      unit: "jobs",
      stacked: true,
      at: secondsFrom(seconds),
      lines: {
        waiting: line("waiting"),
        delayed: line("delayed"),
        active: line("active"),
        stranded: line("stranded"),
        retrying: line("retrying"),
      },
    };
  },
} satisfies Measure;

const summed = (changes: Int32Array, seconds: number): readonly number[] => {
  let now = 0;
  return secondsFrom(seconds).map((second) => (now += changes[second] ?? 0));
};

/** When each process that ended was gone, in ns. */
const endsOf = (incarnations: readonly Incarnation[]): ReadonlyMap<number, number> =>
  new Map(
    incarnations.flatMap(({ incarnation, exitedAt }) => (exitedAt === undefined ? [] : [[incarnation, exitedAt]])),
  );

interface Step {
  /** Ticks since the origin. */
  readonly at: number;
  readonly state: State;
}

/** One job's states, each from its step to the next one. */
function stepsOf(life: readonly LifeEvent[], gone: ReadonlyMap<number, number>): readonly Step[] {
  const steps: Step[] = [];
  const step = (at: number, state: State): void => void steps.push({ at: Math.max(0, at / tickNs), state });
  const holders = new Set<number>();
  let dueAt = 0;
  for (const event of withDeaths(life, gone)) {
    const { at, incarnation } = event;
    switch (event.kind) {
      case "delayed":
        dueAt = at + event.micros * 1000;
        break;
      case "ok":
        if (steps.length > 0) break;
        if (dueAt > at) step(at, "delayed");
        step(Math.max(at, dueAt), "waiting");
        break;
      case "start":
        while ((steps.at(-1)?.at ?? 0) > at / tickNs) steps.pop();
        holders.add(incarnation);
        step(at, "active");
        break;
      case "failed":
        if (holders.delete(incarnation) && holders.size === 0) step(at, "retrying");
        break;
      case "gone":
        if (holders.delete(incarnation) && holders.size === 0) step(at, "stranded");
        break;
      default: // changes nobody's hands, or ends it: where it ends, it is counted no further
    }
  }
  return steps;
}

type Event = Pick<LifeEvent, "at" | "incarnation" | "micros"> & { readonly kind: LifeEvent["kind"] | "gone" };

/** A job's life with the ends of the processes that had it. */
function withDeaths(life: readonly LifeEvent[], gone: ReadonlyMap<number, number>): readonly Event[] {
  const hands = new Set(life.flatMap(({ kind, incarnation }) => (kind === "start" ? [incarnation] : [])));
  const deaths = [...hands].flatMap((incarnation): readonly Event[] => {
    const at = gone.get(incarnation);
    return at === undefined ? [] : [{ at, incarnation, micros: 0, kind: "gone" }];
  });
  return deaths.length === 0 ? life : [...life, ...deaths].toSorted((a, b) => a.at - b.at);
}
