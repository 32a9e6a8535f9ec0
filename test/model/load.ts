/**
 * What jobs there are, and when. The usual load is some fifty of all sorts. Where it takes more to see anything there
 * are larger ones: `shares`, of several priorities that wait beside each other, `crowd`, that piles up beside what
 * comes, and `steady`, of short jobs that come one after the other for longer than a recovery may take.
 */
import { alwaysFails, killsItsWorker } from "../../history/record.ts";
import type { Dice } from "./dice.ts";
import type { Wishes, World } from "./world.ts";

export type LoadKind = "usual" | "shares" | "crowd" | "steady";

export interface JobPlan {
  /** When it is to be sent. */
  readonly atMs: number;
  readonly runMs: number;
  /** As in the record of its sending: that many attempts fail, all of them, or each takes its worker along. */
  readonly failures: number;
  readonly delayMs: number;
  /** Its number in `World.priorities`, from 1; 0 for none. */
  readonly priority: number;
  /** The job under whose key it is enqueued again. */
  readonly repeats?: number;
}

export interface DrawnLoad extends Pick<World, "jobs" | "loadMs" | "priorities"> {
  readonly longestMs: number;
}

interface Stage {
  /** How many jobs can be run at once. */
  readonly hands: number;
  readonly attempts: number;
  readonly wishes: Wishes;
}

export function drawLoad(dice: Dice, stage: Stage): DrawnLoad {
  const draw = { usual: drawUsual, shares: drawShares, crowd: drawCrowd, steady: drawSteady };
  const kind = stage.wishes.load ?? "usual";
  const load = draw[kind](dice, stage);
  const jobs = load.jobs.toSorted((a, b) => a.atMs - b.atMs);
  const repeats = kind === "usual" && (stage.wishes.repeats ?? dice.chance(0.2));
  return { ...load, jobs: repeats ? withRepetitions(dice, jobs) : jobs };
}

/** Some, each of any job before it that is none; often of the last. */
function withRepetitions(dice: Dice, jobs: readonly JobPlan[]): readonly JobPlan[] {
  const firsts: number[] = [];
  return jobs.map((plan, job) => {
    const last = firsts.at(-1);
    if (last !== undefined && dice.chance(0.25))
      return { ...plan, repeats: dice.chance(0.5) ? last : (firsts[dice.count(0, firsts.length - 1)] ?? last) };
    firsts.push(job);
    return plan;
  });
}

const longestRunMs = 4000;

function drawUsual(dice: Dice, { hands, attempts, wishes }: Stage): DrawnLoad {
  const count = dice.count(30, 70);
  const loadMs = dice.spread(2000, 30_000);
  // From hands that are mostly empty to more work than hands.
  const meanMs = (dice.within(0.05, 1.2) * hands * loadMs) / count;
  const longestMs = Math.min(2 * meanMs, longestRunMs);
  const failing = wishes.failing ? 0.3 : dice.pick([0, 0.1, 0.3]);
  const deadly = wishes.deadly ? 0.1 : dice.pick([0, 0, 0.05, 0.1]);
  const delayed = wishes.delays ? 0.3 : dice.pick([0, 0.1, 0.3]);
  const killers = wishes.killers ?? (dice.chance(0.15) ? dice.count(1, 2) : 0);
  const bursts = dice.chance(0.3);
  const jobs = Array.from({ length: count }, (): JobPlan => {
    const burst = Math.floor(dice.within(0, 4)) * (loadMs / 4) + dice.within(0, 200);
    const fails = dice.chance(failing) ? dice.count(1, attempts - 1) : 0;
    return {
      atMs: bursts ? burst : dice.within(0, loadMs),
      runMs: dice.within(0, longestMs),
      failures: dice.chance(deadly) ? alwaysFails : fails,
      delayMs: dice.chance(delayed) ? 10 * dice.count(1, 500) : 0,
      priority: 0,
    };
  });
  for (let killer = 0; killer < killers; killer++) {
    const at = dice.count(0, count - 1);
    const job = jobs[at];
    if (job !== undefined) jobs[at] = { ...job, failures: killsItsWorker };
  }
  return { jobs, loadMs, longestMs, priorities: [] };
}

const plain = (atMs: number, runMs: number, priority: number): JobPlan => ({
  atMs,
  runMs,
  failures: 0,
  delayMs: 0,
  priority,
});

/** All of it comes in the beginning, as much of each priority. */
function drawShares(dice: Dice, { hands }: Stage): DrawnLoad {
  const priorities = ["high", "low"].map((name) => ({ name, weight: dice.count(1, 2) }));
  const longestMs = dice.within(80, 120);
  // Longer than one of them may be left alone; and so many that chance does not make the shares.
  const secondsEach = 7;
  const count = Math.max(360, (secondsEach * hands * 2000) / longestMs);
  const jobs = priorities.flatMap((_, index) =>
    Array.from({ length: count }, () => plain(dice.within(0, 500), dice.within(0, longestMs), index + 1)),
  );
  return { jobs, loadMs: 2000, longestMs, priorities };
}

/** First a few, then far more than can be run, and beside these as few as before. */
function drawCrowd(dice: Dice, { hands }: Stage): DrawnLoad {
  const longestMs = dice.within(30, 50) * hands;
  const some = (count: number, fromMs: number, toMs: number): JobPlan[] =>
    Array.from({ length: count }, () => plain(dice.within(fromMs, toMs), dice.within(0, longestMs), 0));
  const jobs = [...some(140, 0, 4000), ...some(700, 5000, 5200), ...some(160, 6000, 9500)];
  return { jobs, loadMs: 10_000, longestMs, priorities: [] };
}

function drawSteady(dice: Dice): DrawnLoad {
  const loadMs = dice.within(25_000, 35_000);
  const longestMs = dice.within(20, 150);
  const jobs = Array.from({ length: 260 }, () => plain(dice.within(0, loadMs), dice.within(0, longestMs), 0));
  return { jobs, loadMs, longestMs, priorities: [] };
}
