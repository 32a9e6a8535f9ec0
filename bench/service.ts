/**
 * The engine's HTTP service as its callers feel it: one enqueue a request, at a steady rate, with nothing in the queue
 * and beside a backlog that is worked off, in turns; and the most that it takes. Latency counts from when a request was
 * to be sent.
 */
import { fileURLToPath } from "node:url";
import autocannon from "autocannon";
import { connect } from "../engine/index.ts";
import { eventually } from "../std/deadline.ts";
import { startEngine } from "../engine/testing/command.ts";
import { startRedis } from "../engine/testing/redis.ts";
import type { Bench, BenchResult } from "./contract.ts";
import { storeSettings } from "./race.ts";
import { handlerMs, namespace, note } from "./service/queues.ts";
import { spreadOf } from "./spread.ts";

export interface ServiceOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly backlogJobs: number;
}

const connections = 20;
const payload = "x".repeat(200);
const drainMs = 300_000;

interface Lap {
  readonly p50: number;
  readonly p99: number;
  readonly perSecond: number;
}

export async function callers(options: ServiceOptions, print: (line: string) => void): Promise<BenchResult> {
  const { rounds, seconds, perSecond, backlogJobs } = options;
  await using redis = await startRedis(storeSettings);
  const variables = { BROKER_PORT: String(redis.port) };
  const module = fileURLToPath(new URL("service/queues.ts", import.meta.url));
  await using serving = await startEngine("serve", module, variables);
  await using _ = await startEngine("work", module, variables);
  await using engine = connect({ redis, namespace });
  const producer = engine.producer(note);
  const drained = (): Promise<unknown> =>
    eventually(async () => (await engine.depth(note)) === 0, { deadlineMs: drainMs, awaited: "the queue to be empty" });

  /** @param rate requests a second in all; undefined: as many as are answered */
  async function lap(rate?: number): Promise<Lap> {
    const { latency, requests, errors, non2xx } = await autocannon({
      url: `${serving.url}/queues/note/jobs`,
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ payload }),
      connections,
      duration: seconds,
      ...(rate !== undefined && { overallRate: rate }),
    });
    if (errors + non2xx > 0) throw new Error(`${errors} requests without an answer, ${non2xx} not taken`);
    return { p50: latency.p50, p99: latency.p99, perSecond: requests.average };
  }

  const laps: { readonly empty: Lap; readonly backlog: Lap; readonly most: Lap }[] = [];
  await lap(); // until code is compiled
  for (let round = 1; round <= rounds; round++) {
    await drained();
    const empty = await lap(perSecond);
    await producer.enqueue(Array.from({ length: backlogJobs }, () => ({ payload })));
    const backlog = await lap(perSecond);
    await drained();
    laps.push({ empty, backlog, most: await lap() });
    print(`round ${round} of ${rounds}: p99 ${empty.p99} ms empty, ${backlog.p99} ms beside a backlog`);
  }
  await drained();
  return outcome(laps, options);
}

function outcome(
  laps: readonly { readonly empty: Lap; readonly backlog: Lap; readonly most: Lap }[],
  options: ServiceOptions,
): BenchResult {
  const rows = {
    emptyP50Ms: spreadOf(laps.map(({ empty }) => empty.p50)),
    emptyP99Ms: spreadOf(laps.map(({ empty }) => empty.p99)),
    backlogP50Ms: spreadOf(laps.map(({ backlog }) => backlog.p50)),
    backlogP99Ms: spreadOf(laps.map(({ backlog }) => backlog.p99)),
    backlogToEmptyP99: spreadOf(laps.map(({ empty, backlog }) => backlog.p99 / Math.max(empty.p99, 1))),
    mostPerSecond: spreadOf(laps.map(({ most }) => most.perSecond)),
  };
  return {
    figures: Object.fromEntries(Object.entries(rows).map(([name, { median }]) => [name, median])),
    table: [
      ["", "median", "least", "most"],
      ...Object.entries(rows).map(([name, { median, least, most }]) => [
        name,
        ...[median, least, most].map((value) => value.toFixed(1)),
      ]),
    ],
    settings: {
      ...options,
      connections,
      handlerMs,
      payloadBytes: payload.length,
      store: "appendfsync everysec",
      node: process.version,
    },
  };
}

export const bench: Bench = {
  about: "The engine's HTTP service under a steady rate of enqueues, with an empty queue and beside a backlog.",
  run: (print) => callers({ rounds: 5, seconds: 3, perSecond: 200, backlogJobs: 10_000 }, print),
};
