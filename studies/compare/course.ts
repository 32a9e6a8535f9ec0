/** What everyone has to do in each round of a comparison, the same for all, in an order that the seed draws. */
import type { Scenario } from "../../scenarios/contract.ts";
import type { Clock } from "../../std/clock.ts";
import { median } from "../../std/percentile.ts";
import { shuffled, type Random } from "../../std/random.ts";
import type { Contender, Slice } from "./contract.ts";
import type { Round } from "./round.ts";
import { undisturbed } from "./undisturbed.ts";

/** What jobs are, and who works on them: of a scenario's load what has a meaning without its curve and its trouble. */
export type Handling = Pick<
  Scenario["load"],
  "producers" | "workers" | "concurrency" | "payloadBytes" | "work" | "retries" | "priorities"
>;

/** One worker: what one process carries is the steadiest figure that there is, and leaves a processor for the store. */
export const usual: Handling = {
  producers: 1,
  workers: 1,
  concurrency: 100,
  payloadBytes: 200,
  work: { durationMs: [0, 0], failing: 0, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
  retries: { attempts: 3, backoffMs: 500 },
};

/** As that scenario has it, but for jobs that end their worker: a comparison has no other to take its place. */
export const handlingOf = ({
  producers,
  workers,
  concurrency,
  payloadBytes,
  work,
  retries,
  priorities,
}: Scenario["load"]): Handling => ({
  producers,
  workers,
  concurrency,
  payloadBytes,
  work: { ...work, killing: 0 },
  retries,
  ...(priorities === undefined ? {} : { priorities }),
});

/** Handlers at once in all, where they wait for something; 0 where they do not. */
export function waitingOf({ workers, concurrency, work }: Handling): number {
  const { durationMs, failing, alwaysFailing, delayed } = work;
  return durationMs[1] + failing + alwaysFailing + delayed.share === 0 ? 0 : workers * concurrency;
}

export const scenarioOf = (handling: Handling): Scenario => ({
  about:
    "Backlogs that are worked off, and a steady load, by one configuration at a time while the processes of the others are idle. No trouble.",
  store: "aof-everysec",
  load: { curve: "steady", jobs: 2 ** 22, seconds: 60, ...handling },
  trouble: [],
  exercises: [],
});

/** Fixed by the first round. */
export interface Sizes {
  /** By configuration: the same for all, but where handlers wait. */
  readonly backlogJobs: Readonly<Record<string, number>>;
  readonly offeredPerSecond: number;
}

/** Jobs a second, roughly: as it is here, and without the time that the machine gives to others. */
export interface Pace {
  readonly perSecond: number;
  readonly undisturbed: number;
}

export const steadySeconds = 0.7;

/**
 * A backlog takes the slowest about so long where it has the machine for itself: short, so that neighbours are close;
 * long enough to be its own, also where the turns of others make it several times as long.
 */
const backlogSeconds = 0.1;
const [backlogLeast, backlogMost] = [200, 4000];
/**
 * Where handlers wait, they begin together and end one by one: each has so many jobs one after the other, or less where
 * they wait for long.
 */
const [inTurnLeast, inTurnMost] = [5, 20];
/** Below what the slowest carries when it has nothing else to do: beside it a producer works too. */
const offeredShare = 0.3;

/**
 * Until code is compiled. A load of the other kind makes the compiler think again, so the warm-up has both, and the
 * laps keep the two apart: so many jobs of each before and after a steady load, or so long.
 */
const warmUpJobs = [20_000, 40_000] as const;
const warmUpSeconds = [3, 7] as const;
const firstJobs = 200;
/** A step of the warm-up lasts at most about so long. */
const stepSeconds = 1;

/** Share of the time for backlogs; the rest is for the steady load. */
const backlogShare = 0.75;
/** Of each kind, however long it takes: fewer laps say nothing. */
const lapsAtLeast = 3;
/** Of a round's time, at most: less compiled code is a smaller evil than too few laps. */
const warmUpShare = 0.3;
/** Of a round's time, for its processes to come and to go. */
const comingAndGoing = 0.15;

/** Handlers at once, by configuration: 0 where they do not wait. */
export type WaitingHandlers = Readonly<Record<string, number>>;

type Jobs = Pick<Handling, "work" | "retries">;

/** How long a handler of these takes on average, s. */
const runSeconds = ({ work: { durationMs } }: Jobs): number => (durationMs[0] + durationMs[1]) / 2000;

/** How long the last of a lap may take when all others are done, s. */
function tailSeconds({ work: { durationMs, failing, alwaysFailing, delayed }, retries }: Jobs): number {
  const retriedMs = failing + alwaysFailing === 0 ? 0 : retries.backoffMs * 2 ** (retries.attempts - 1);
  return Math.max(durationMs[1], retriedMs, delayed.share === 0 ? 0 : delayed.upToMs) / 1000;
}

/** A round of less than this, s, says nothing: each configuration comes, warms up, has its laps and goes. */
export const shortestRound = (configurations: number, jobs: Jobs): number =>
  Math.ceil(configurations * (5 + lapsAtLeast * (inTurnLeast * runSeconds(jobs) + 2 * tailSeconds(jobs))));

/**
 * Works until everyone's code is compiled.
 * @param roundSeconds of which it takes its share at most
 * @returns the pace of the slowest
 */
export async function warmUp(
  round: Round,
  contenders: readonly Contender[],
  roundSeconds: number,
  clock: Clock,
  stop: AbortSignal,
): Promise<Pace> {
  const keys = contenders.map(({ key }) => key);
  const whole = (warmUpSeconds[0] + warmUpSeconds[1]) * keys.length;
  const scale = Math.min(1, (warmUpShare * roundSeconds) / whole);
  const slowest = (): Pace => {
    const paces = keys.map((key) => paceOf(round, key));
    const least = (pick: (pace: Pace) => number): number => Math.min(...paces.map(pick));
    return { perSecond: least(({ perSecond }) => perSecond), undisturbed: least(({ undisturbed }) => undisturbed) };
  };
  let jobs = firstJobs;
  const backlogs = async (least: number, seconds: number): Promise<void> => {
    const endNs = clock.nowNs() + scale * seconds * keys.length * 1e9;
    for (let done = 0; done < least && (done === 0 || clock.nowNs() < endNs) && !stop.aborted;) {
      await round.backlog("warm-up", 0, keys, () => jobs);
      done += jobs;
      jobs = Math.round(Math.min(jobs * 4, backlogMost, Math.max(firstJobs, slowest().perSecond * stepSeconds)));
    }
  };
  await backlogs(warmUpJobs[0], warmUpSeconds[0]);
  const perSecond = slowest().perSecond * offeredShare;
  if (!stop.aborted) await round.steady("warm-up", 0, keys, Math.ceil(perSecond * steadySeconds), steadySeconds);
  await backlogs(warmUpJobs[1], warmUpSeconds[1]);
  return slowest();
}

/** @param roundSeconds of which its laps need their part, also where handlers wait for long */
export function sizesFor(
  { perSecond, undisturbed: pace }: Pace,
  jobs: number | undefined,
  waiting: WaitingHandlers,
  handling: Jobs,
  roundSeconds: number,
): Sizes {
  const lapSeconds =
    ((1 - warmUpShare - comingAndGoing) * roundSeconds) / (2 * lapsAtLeast * Object.keys(waiting).length);
  const fitting = Math.floor((lapSeconds - tailSeconds(handling)) / runSeconds(handling));
  const inTurn = Math.min(inTurnMost, Math.max(inTurnLeast, fitting));
  const quick = Math.round(Math.min(backlogMost, Math.max(backlogLeast, pace * backlogSeconds)));
  return {
    backlogJobs: Object.fromEntries(
      Object.entries(waiting).map(([key, handlers]) => [key, jobs ?? (handlers === 0 ? quick : inTurn * handlers)]),
    ),
    offeredPerSecond: Math.max(1, Math.round(perSecond * offeredShare)),
  };
}

/** What is left for laps of a round that began so long ago, s. */
export const lapsTime = (roundSeconds: number, preparedSeconds: number): number =>
  Math.max(0, roundSeconds * (1 - comingAndGoing / 2) - preparedSeconds);

/** Laps of both kinds until the time is over. @param onLap told after each */
export async function laps(
  round: Round,
  contenders: readonly Contender[],
  { backlogJobs, offeredPerSecond }: Sizes,
  {
    clock,
    random,
    seconds,
    stop,
  }: { readonly clock: Clock; readonly random: Random; readonly seconds: number; readonly stop: AbortSignal },
): Promise<void> {
  const order = orders(
    contenders.map(({ key }) => key),
    random,
  );
  const startNs = clock.nowNs();
  const isGoingOn = (done: number, share: number): boolean =>
    !stop.aborted && (done < lapsAtLeast || clock.nowNs() < startNs + share * seconds * 1e9);
  const jobsOf = (key: string): number => backlogJobs[key] ?? backlogLeast;
  for (let lap = 0; isGoingOn(lap, backlogShare); lap++) await round.backlog("backlog", lap, order(), jobsOf);
  const jobs = Math.max(1, Math.round(offeredPerSecond * steadySeconds));
  for (let lap = 0; isGoingOn(lap, 1); lap++) await round.steady("steady", lap, order(), jobs, steadySeconds);
}

/** Each order that is drawn is followed by its reverse, so that a drift over two laps falls on all of them alike. */
export function orders(keys: readonly string[], random: Random): () => readonly string[] {
  let turn = 0;
  let drawn: readonly string[] = keys;
  return () => {
    if (turn++ % 2 === 1) return drawn.toReversed();
    drawn = shuffled(keys, random);
    return drawn;
  };
}

/** By the middle one of the last three slices. */
function paceOf(round: Round, key: string): Pace {
  const last = round.slices(key).slice(-3);
  const middle = (pace: (slice: Slice) => number): number => (last.length === 0 ? 1 : median(last.map(pace)));
  return {
    perSecond: middle(({ from, to, seconds }) => (to - from) / seconds),
    undisturbed: middle(
      ({ from, to, seconds, stretches }) => (1e9 * (to - from)) / undisturbed(seconds * 1e9, stretches),
    ),
  };
}
