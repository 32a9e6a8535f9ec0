/**
 * The engine beside the most that Redis Streams carry and beside BullMQ: one producer and one worker process each, one after
 * the other in rounds, so that whatever else the machine does falls on all of them. Ratios are of neighbours in one round.
 */
import { Redis } from "ioredis";
import { startRedis } from "../test/redis.ts";
import type { Bench, BenchResult } from "./contract.ts";
import { batchJobs, concurrency, payload } from "./engine/contender.ts";
import { contenders, contenderNames, type ContenderName } from "./engine/contenders.ts";
import { teamOf, type Team } from "./engine/team.ts";
import { spreadOf, type Spread } from "./spread.ts";

export interface RaceOptions {
  readonly rounds: number;
  readonly roundSeconds: number;
  /** Before the rounds, of each: until code is compiled; as many again show how many fill a round. */
  readonly warmUpJobs: number;
}

interface Lap {
  readonly jobsPerSecond: number;
  /** CPU time of the store for each job, in microseconds. */
  readonly brokerMicros: number;
}
type Round = Readonly<Record<ContenderName, Lap>>;

/** A rewrite of the log in the middle of a lap would be one contender's bad luck. */
const storeSettings = ["--auto-aof-rewrite-percentage", "0"];

export async function race(options: RaceOptions, print: (line: string) => void): Promise<BenchResult> {
  await using scope = new AsyncDisposableStack();
  const redis = scope.use(await startRedis(storeSettings));
  const store = scope.adopt(new Redis({ host: redis.host, port: redis.port }), (client) => client.disconnect());
  const teams = new Map<ContenderName, Team>();
  for (const name of contenderNames) teams.set(name, scope.use(await teamOf(name, redis)));

  const lap = async (name: ContenderName, jobs: number): Promise<Lap> => {
    const before = await cpuMicros(store);
    const seconds = (await teams.get(name)?.carry(jobs)) ?? Number.NaN;
    return { jobsPerSecond: jobs / seconds, brokerMicros: ((await cpuMicros(store)) - before) / jobs };
  };
  const round = async (turn: number, jobs: (name: ContenderName) => number): Promise<Round> => {
    const laps: Partial<Record<ContenderName, Lap>> = {};
    for (const name of rotated(contenderNames, turn)) laps[name] = await lap(name, jobs(name));
    return complete(laps);
  };

  print("finding the size of a round");
  await round(0, () => options.warmUpJobs);
  const pace = await round(0, () => options.warmUpJobs);
  const jobs = (name: ContenderName): number =>
    Math.ceil((pace[name].jobsPerSecond * options.roundSeconds) / batchJobs) * batchJobs;
  const rounds: Round[] = [];
  for (let n = 0; n < options.rounds; n++) {
    const done = await round(n, jobs);
    rounds.push(done);
    const rates = contenderNames.map((name) => `${name} ${done[name].jobsPerSecond.toFixed(0)}/s`);
    print(`round ${n + 1} of ${options.rounds}: ${rates.join(", ")}`);
  }
  return resultOf(rounds, options);
}

async function cpuMicros(store: Redis): Promise<number> {
  const info = await store.info("cpu");
  const field = (name: string): number => Number(new RegExp(`^${name}:([0-9.]+)`, "m").exec(info)?.[1]);
  return (field("used_cpu_user") + field("used_cpu_sys")) * 1e6;
}

function complete({ engine, bare, bullmq }: Partial<Record<ContenderName, Lap>>): Round {
  if (engine === undefined || bare === undefined || bullmq === undefined)
    throw new Error("a round without one of its contenders");
  return { engine, bare, bullmq };
}

/** Everyone starts, follows and ends in turn. */
const rotated = <T>(list: readonly T[], by: number): readonly T[] => {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
};

function resultOf(rounds: readonly Round[], options: RaceOptions): BenchResult {
  const ratio = (of: ContenderName, to: ContenderName): Spread =>
    spreadOf(rounds.map((laps) => laps[of].jobsPerSecond / laps[to].jobsPerSecond));
  const ratios = { engineToBare: ratio("engine", "bare"), engineToBullmq: ratio("engine", "bullmq") };
  const rates = contenderNames.map((name) => ({
    name,
    perSecond: spreadOf(rounds.map((laps) => laps[name].jobsPerSecond)),
    brokerMicros: spreadOf(rounds.map((laps) => laps[name].brokerMicros)).median,
  }));
  return {
    figures: Object.fromEntries([
      ...Object.entries(ratios).flatMap(([name, { median, least, most }]) => [
        [name, median],
        [`${name}Least`, least],
        [`${name}Most`, most],
      ]),
      ...rates.flatMap(({ name, perSecond, brokerMicros }) => [
        [`${name}JobsPerSecond`, perSecond.median],
        [`${name}BrokerMicrosPerJob`, brokerMicros],
      ]),
    ]),
    table: [
      ["", "median", "least", "most", "broker CPU, µs a job"],
      ...rates.map(({ name, perSecond, brokerMicros }) => [
        `${name}, jobs/s`,
        ...cells(perSecond, 0),
        brokerMicros.toFixed(1),
      ]),
      ...Object.entries(ratios).map(([name, spread]) => [name, ...cells(spread, 2), ""]),
    ],
    settings: {
      ...options,
      payloadBytes: payload.length,
      batchJobs,
      concurrency,
      store: "appendfsync everysec",
      node: process.version,
      contenders: Object.fromEntries(contenderNames.map((name) => [name, contenders[name].about])),
    },
  };
}

const cells = ({ median, least, most }: Spread, digits: number): readonly string[] =>
  [median, least, most].map((value) => value.toFixed(digits));

export const bench: Bench = {
  about: "The engine, a bare pipelined loop and BullMQ, in turns on one Redis.",
  run: (print) => race({ rounds: 7, roundSeconds: 2.5, warmUpJobs: 4_000 }, print),
};
