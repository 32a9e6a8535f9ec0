/**
 * The engine beside the most that Redis Streams carry and beside BullMQ: one producer and one worker process each, in
 * turns on one Redis.
 */
import { startRedis } from "../engine/testing/redis.ts";
import type { Bench, BenchResult } from "./contract.ts";
import { batchJobs, concurrency, payload } from "./engine/contender.ts";
import { contenders, contenderNames, type ContenderName } from "./engine/contenders.ts";
import { teamsOf } from "./engine/team.ts";
import { outcomeOf, raceOn, storeSettings } from "./race.ts";

export interface RaceOptions {
  readonly rounds: number;
  readonly roundSeconds: number;
  /** Before the rounds, of each: until code is compiled; as many again show how many fill a round. */
  readonly warmUpJobs: number;
}

export async function race(options: RaceOptions, print: (line: string) => void): Promise<BenchResult> {
  await using scope = new AsyncDisposableStack();
  const redis = scope.use(await startRedis(storeSettings));
  const teams = scope.use(await teamsOf(contenderNames, redis));
  const { round, rounds } = scope.use(raceOn(redis, contenderNames, teams.carry));

  print("finding the size of a round");
  await round(0, () => options.warmUpJobs);
  const pace = await round(0, () => options.warmUpJobs);
  const jobs = (name: ContenderName): number =>
    Math.ceil((pace(name).jobsPerSecond * options.roundSeconds) / batchJobs) * batchJobs;
  return {
    ...outcomeOf(await rounds(options.rounds, jobs, print), contenderNames, {
      engineToBare: ["engine", "bare"],
      engineToBullmq: ["engine", "bullmq"],
    }),
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

export const bench: Bench = {
  about: "The engine, a bare pipelined loop and BullMQ, in turns on one Redis.",
  run: (print) => race({ rounds: 7, roundSeconds: 2.5, warmUpJobs: 4_000 }, print),
};
