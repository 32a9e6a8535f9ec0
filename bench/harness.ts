/**
 * What the harness costs: the engine inside a run without trouble, timed from the run's own history, beside the same
 * engine outside of it and beside the most that Redis Streams carry; and what Toxiproxy costs on top.
 */
import { builtin } from "../index.ts";
import { ledgerOf } from "../harness/conclude.ts";
import { defaults, planRun, type Plan } from "../harness/plan.ts";
import { run } from "../harness/run.ts";
import { never, tickNs, type Ledger } from "../history/ledger.ts";
import type { Scenario } from "../scenarios/contract.ts";
import { monotonic } from "../std/clock.ts";
import { sibling } from "../std/sibling.ts";
import type { Address } from "../systems/contract.ts";
import { startRedis } from "../engine/testing/redis.ts";
import type { Bench, BenchResult } from "./contract.ts";
import { batchJobs, concurrency, payload } from "./engine/contender.ts";
import { teamsOf } from "./engine/team.ts";
import { outcomeOf, raceOn, storeSettings } from "./race.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

export interface HarnessOptions {
  readonly rounds: number;
  /** As many jobs to each lap as the engine carries in this time outside of the harness. */
  readonly lapSeconds: number;
  /** On a busy machine no fewer: each run inside starts with code that is not compiled, which must not be all of it. */
  readonly lapJobsMin: number;
  /** Before the rounds, outside of the harness: until code is compiled; as many again show how many fill a lap. */
  readonly warmUpJobs: number;
}

const outside = { outside: "engine", bare: "bare" } as const;
const paths = { inside: [], proxied: ["link:producer:0", "link:worker:0"] } as const satisfies Record<
  string,
  Plan["proxied"]
>;
const names = ["inside", "outside", "bare", "proxied"] as const;
type Name = (typeof names)[number];

/** The same work as outside: everything due at once, handlers without run time. */
const scenario: Scenario = {
  about: "All jobs at once, and no trouble.",
  store: "aof-everysec",
  load: {
    curve: "steady",
    jobs: batchJobs,
    seconds: 0.1,
    producers: 1,
    workers: 1,
    concurrency,
    payloadBytes: payload.length,
    work: { durationMs: [0, 0], failing: 0, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
    retries: { attempts: 5, backoffMs: 2000 },
  },
  trouble: [],
  exercises: [],
};

export async function measureHarness(options: HarnessOptions, print: (line: string) => void): Promise<BenchResult> {
  await using scope = new AsyncDisposableStack();
  const redis = scope.use(await startRedis(storeSettings));
  const runs = scope.use(temporaryDirectory("bench-harness"));
  const teams = scope.use(await teamsOf(Object.values(outside), redis));
  let lap = 0;
  const carry = (name: Name, jobs: number): Promise<number> =>
    name === "inside" || name === "proxied"
      ? carryInside(runs.path, redis, { jobs, proxied: paths[name], seed: `lap-${++lap}` })
      : teams.carry(outside[name], jobs);
  const { rounds } = scope.use(raceOn(redis, names, carry));

  print("finding the size of a lap");
  for (const team of Object.values(outside)) await teams.carry(team, options.warmUpJobs);
  const pace = options.warmUpJobs / (await teams.carry(outside.outside, options.warmUpJobs));
  const jobs = Math.ceil(Math.max(pace * options.lapSeconds, options.lapJobsMin) / batchJobs) * batchJobs;
  return {
    ...outcomeOf(await rounds(options.rounds, () => jobs, print), names, {
      insideToOutside: ["inside", "outside"],
      engineInHarnessToBare: ["inside", "bare"],
      proxiedToDirect: ["proxied", "inside"],
    }),
    settings: {
      ...options,
      jobs,
      payloadBytes: payload.length,
      concurrency,
      store: "appendfsync everysec",
      node: process.version,
    },
  };
}

/** A whole run in processes of its own; the seconds from its first send to its last settlement. */
async function carryInside(
  runs: string,
  { host, port }: Address,
  { jobs, proxied, seed }: Pick<Plan, "jobs" | "proxied" | "seed">,
): Promise<number> {
  const choice = { scenario: "race", system: "stream", profile: defaults, seed, jobs };
  const plan = await planRun(choice, { ...builtin, scenarios: { race: scenario } });
  const directory = await run(
    {
      plan: { ...plan, proxied },
      catalogues: builtin,
      configuration: sibling(import.meta.url, "../index"),
      directory: process.cwd(),
      runs,
      given: { redis: `${host}:${port}` },
    },
    { clock: monotonic, progress: () => {}, told: () => {} },
    new AbortController().signal,
  );
  return secondsOf(ledgerOf(directory));
}

function secondsOf({ columns: { sentAt, settledAt } }: Ledger): number {
  let [first, last] = [never, 0];
  for (const [job, at] of settledAt.entries()) {
    if (at === never) throw new Error(`job ${job} was not settled`);
    first = Math.min(first, sentAt[job] ?? never);
    last = Math.max(last, at);
  }
  return ((last - first) * tickNs) / 1e9;
}

export const bench: Bench = {
  about: "The engine inside the harness, outside of it, and behind Toxiproxy.",
  run: (print) => measureHarness({ rounds: 5, lapSeconds: 3, lapJobsMin: 30_000, warmUpJobs: 10_000 }, print),
};
