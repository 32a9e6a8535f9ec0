/** What everyone has to do in each round of a comparison, the same for all, in an order that the seed draws. */
import type { Scenario } from "../../scenarios/contract.ts";
import type { Clock } from "../../std/clock.ts";
import type { Random } from "../../std/random.ts";
import type { Contender, Round } from "./round.ts";

/** One worker: what one process carries is the steadiest figure that there is, and leaves a processor for the store. */
export const scenario: Scenario = {
  about:
    "Backlogs that are worked off, and a steady load, by one configuration at a time while the processes of the others are idle. No trouble.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: 2 ** 22,
    seconds: 60,
    producers: 1,
    workers: 1,
    concurrency: 100,
    payloadBytes: 200,
    work: { durationMs: [0, 0], failing: 0, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
    retries: { attempts: 3, backoffMs: 500 },
  },
  trouble: [],
  exercises: [],
};

/** Fixed by the first round for all of them. */
export interface Sizes {
  readonly backlogJobs: number;
  readonly offeredPerSecond: number;
}

export const steadySeconds = 0.7;

/** A backlog lasts about so long for the slowest: short, so that neighbours are close; long enough to be its own. */
const backlogSeconds = 0.25;
const [backlogLeast, backlogMost] = [200, 5000];
/** Below what the slowest carries when it has nothing else to do: beside it a producer works too. */
const offeredShare = 0.3;

/** Until code is compiled: so many jobs of each, or so long. */
const warmUpJobs = 40_000;
const warmUpSeconds = 5;
const firstJobs = 200;
/** A step of the warm-up lasts at most about so long. */
const stepSeconds = 1;

const backlogsToOneSteady = 4;
/** Of each kind, however long it takes: fewer laps say nothing. */
const lapsAtLeast = 3;

/** Works until everyone's code is compiled. @returns jobs a second of the slowest, roughly */
export async function warmUp(
  round: Round,
  contenders: readonly Contender[],
  clock: Clock,
  stop: AbortSignal,
): Promise<number> {
  const keys = contenders.map(({ key }) => key);
  const slowest = (): number => Math.min(...keys.map((key) => paceOf(round, key)));
  const endNs = clock.nowNs() + warmUpSeconds * keys.length * 1e9;
  let jobs = firstJobs;
  for (let done = 0; done < warmUpJobs && (done === 0 || clock.nowNs() < endNs) && !stop.aborted;) {
    await round.backlog("warm-up", 0, keys, jobs);
    done += jobs;
    jobs = Math.round(Math.min(jobs * 4, backlogMost, Math.max(firstJobs, slowest() * stepSeconds)));
  }
  return slowest();
}

export const sizesFor = (perSecond: number, jobs: number | undefined): Sizes => ({
  backlogJobs: jobs ?? Math.round(Math.min(backlogMost, Math.max(backlogLeast, perSecond * backlogSeconds))),
  offeredPerSecond: Math.max(1, Math.round(perSecond * offeredShare)),
});

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
  const endNs = clock.nowNs() + seconds * 1e9;
  let [backlogs, steadies] = [0, 0];
  const isOver = (): boolean =>
    stop.aborted || (clock.nowNs() >= endNs && backlogs >= lapsAtLeast && steadies >= lapsAtLeast);
  while (!isOver()) {
    if (backlogs < (steadies + 1) * backlogsToOneSteady) {
      await round.backlog("backlog", backlogs, order(), backlogJobs);
      backlogs++;
    } else {
      const jobs = Math.max(1, Math.round(offeredPerSecond * steadySeconds));
      await round.steady(steadies, order(), jobs, steadySeconds);
      steadies++;
    }
  }
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

function shuffled(keys: readonly string[], random: Random): readonly string[] {
  const left = [...keys];
  return keys.flatMap(() => left.splice(random.below(left.length), 1));
}

/** By the middle one of the last three slices. */
function paceOf(round: Round, key: string): number {
  const paces = round
    .slices(key)
    .slice(-3)
    .map(({ from, to, seconds }) => (to - from) / seconds);
  return paces.toSorted((a, b) => a - b)[Math.floor(paces.length / 2)] ?? 1;
}
