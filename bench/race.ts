/**
 * Several ways to carry the same kind of jobs through one store, one after the other in rounds, so that whatever else
 * the machine does falls on all of them. Ratios are of neighbours in one round.
 */
import { Redis } from "ioredis";
import type { Address } from "../systems/contract.ts";
import type { BenchResult } from "./contract.ts";
import { spreadOf, type Spread } from "./spread.ts";

export interface Race<Name extends string> extends Disposable {
  /** All of them once, each with so many jobs. Everyone starts, follows and ends in turn. */
  round(turn: number, jobs: (name: Name) => number): Promise<Round<Name>>;
  /** So many rounds, told as they end. */
  rounds(count: number, jobs: (name: Name) => number, print: (line: string) => void): Promise<readonly Round<Name>[]>;
}

export type Round<Name extends string> = (name: Name) => Lap;

interface Lap {
  readonly jobsPerSecond: number;
  /** CPU time of the store for each job, in microseconds. */
  readonly brokerMicros: number;
}

/** A rewrite of the log in the middle of a lap would be one contender's bad luck. */
export const storeSettings = ["--auto-aof-rewrite-percentage", "0"];

/** @param carry the seconds in which that one carries so many jobs */
export function raceOn<Name extends string>(
  broker: Address,
  names: readonly Name[],
  carry: (name: Name, jobs: number) => Promise<number>,
): Race<Name> {
  const store = new Redis({ host: broker.host, port: broker.port });

  const lap = async (name: Name, jobs: number): Promise<Lap> => {
    const before = await cpuMicros(store);
    const seconds = await carry(name, jobs);
    return { jobsPerSecond: jobs / seconds, brokerMicros: ((await cpuMicros(store)) - before) / jobs };
  };
  const round: Race<Name>["round"] = async (turn, jobs) => {
    const laps = new Map<Name, Lap>();
    for (const name of rotated(names, turn)) laps.set(name, await lap(name, jobs(name)));
    return (name) => laps.get(name) ?? neverRan(name);
  };

  return {
    round,
    async rounds(count, jobs, print) {
      const rounds: Round<Name>[] = [];
      for (let n = 0; n < count; n++) {
        const laps = await round(n, jobs);
        rounds.push(laps);
        const rates = names.map((name) => `${name} ${laps(name).jobsPerSecond.toFixed(0)}/s`);
        print(`round ${n + 1} of ${count}: ${rates.join(", ")}`);
      }
      return rounds;
    },
    [Symbol.dispose]: () => store.disconnect(),
  };
}

async function cpuMicros(store: Redis): Promise<number> {
  const info = await store.info("cpu");
  const field = (name: string): number => Number(new RegExp(`^${name}:([0-9.]+)`, "m").exec(info)?.[1]);
  return (field("used_cpu_user") + field("used_cpu_sys")) * 1e6;
}

const rotated = <T>(list: readonly T[], by: number): readonly T[] => {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
};

function neverRan(name: string): never {
  throw new Error(`a round without ${name}`);
}

/** Rates of each, and what the rate of one is to that of another. */
export function outcomeOf<Name extends string>(
  rounds: readonly Round<Name>[],
  names: readonly Name[],
  pairs: Readonly<Record<string, readonly [of: Name, to: Name]>>,
): Pick<BenchResult, "figures" | "table"> {
  const ratios = Object.entries(pairs).map(
    ([pair, [of, to]]) =>
      [pair, spreadOf(rounds.map((laps) => laps(of).jobsPerSecond / laps(to).jobsPerSecond))] as const,
  );
  const rates = names.map((name) => ({
    name,
    perSecond: spreadOf(rounds.map((laps) => laps(name).jobsPerSecond)),
    brokerMicros: spreadOf(rounds.map((laps) => laps(name).brokerMicros)).median,
  }));
  return {
    figures: Object.fromEntries([
      ...ratios.flatMap(([name, { median, least, most }]) => [
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
      ...ratios.map(([name, spread]) => [name, ...cells(spread, 2), ""]),
    ],
  };
}

const cells = ({ median, least, most }: Spread, digits: number): readonly string[] =>
  [median, least, most].map((value) => value.toFixed(digits));
