/**
 * The engine's HTTP service at its limits, with the memory of the container that it ships with: large dead letters,
 * bodies that do not end, idle connections, and a request to stop with all of that. Fails where it takes more memory or
 * time than it has, or loses a job.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { connect, type Engine } from "../engine/index.ts";
import { monotonic } from "../std/clock.ts";
import { eventually } from "../std/deadline.ts";
import { type Started, startEngine } from "../engine/testing/command.ts";
import { crowdOf } from "../engine/testing/crowd.ts";
import { startRedis } from "../engine/testing/redis.ts";
import type { Bench, BenchResult } from "./contract.ts";
import { keptAlive, unfinished } from "./crowd/callers.ts";
import { large, namespace, small } from "./crowd/queues.ts";

export interface CrowdOptions {
  readonly letters: number;
  readonly slowBodies: number;
  readonly idleConnections: number;
}

const letterBytes = 1_000_000;
/** As deploy/kubernetes/serve.yaml has it; and what Node takes of it for its heap, which it would not know of here. */
const memoryMiB = 512;
const heapMiB = 256;
/** The time to end that serve.yaml gives, without what it waits before it asks. */
const graceMs = 25_000;
const listersAtOnce = 6;
const deadlineMs = 300_000;

const page = z.object({ letters: z.array(z.object({ id: z.string() })), next: z.string().nullable() });

export async function crowded(options: CrowdOptions, print: (line: string) => void): Promise<BenchResult> {
  await using redis = await startRedis(["--appendonly", "no"]);
  const module = fileURLToPath(new URL("crowd/queues.ts", import.meta.url));
  const variables = { BROKER_PORT: String(redis.port), NODE_OPTIONS: `--max-old-space-size=${heapMiB}` };
  await using serving = await startEngine("serve", module, variables);
  await using engine = connect({ redis, namespace });
  const told = (what: string): void => print(`${what}: at most ${peakMiB(serving).toFixed(0)} MiB so far`);

  await enqueueLarge(serving, options.letters);
  told(`${options.letters} jobs of ${letterBytes / 1e6} MB are enqueued`);
  await dieAll(engine, options.letters);
  await listAll(serving, options.letters, told);
  const { peak, stopMs } = await stopAmidAll(serving, engine, options, told, print);
  return {
    figures: { peakMiB: peak, stopMs },
    table: [
      ["the service at its limits", "figure", "limit"],
      ["peak resident memory, MiB", peak.toFixed(0), String(memoryMiB)],
      ["time to stop, ms", stopMs.toFixed(0), String(graceMs)],
    ],
    settings: { ...options, letterBytes, heapMiB },
  };
}

/** Half of them say odd, the others even. */
async function dieAll(engine: Engine, letters: number): Promise<void> {
  const stop = new AbortController();
  let started = 0;
  let dead = 0;
  const working = engine.work(
    large,
    async () => {
      throw new Error(started++ % 2 === 0 ? "even" : "odd");
    },
    { stop: stop.signal, concurrency: 1, settled: () => void dead++ },
  );
  await eventually(() => dead === letters, { deadlineMs, awaited: "all to be dead" });
  stop.abort();
  await working;
}

async function listAll(serving: Started, letters: number, told: (what: string) => void): Promise<void> {
  const listed = await Promise.all(Array.from({ length: listersAtOnce }, () => list(serving, "")));
  told(`${listersAtOnce} have listed them at once`);
  const odd = await list(serving, "&error=odd");
  const replayed = await post(serving, "/queues/large/dead/replay", { where: { error: "odd" } });
  const purged = await post(serving, "/queues/large/dead/purge", { where: {} });
  told("half is put back, half is purged");
  const half = Math.floor(letters / 2);
  must(
    listed.every((count) => count === letters),
    `lists of ${letters} letters have ${listed.join(", ")}`,
  );
  must(odd === half, `${half} letters say odd, and ${odd} were listed`);
  must(replayed === `{"replayed":${half}}`, `replay: ${replayed}`);
  must(purged === `{"purged":${letters - half}}`, `purge: ${purged}`);
}

/** Asks it to stop while connections idle, bodies do not end and callers enqueue. */
async function stopAmidAll(
  serving: Started,
  engine: Engine,
  options: CrowdOptions,
  told: (what: string) => void,
  print: (line: string) => void,
): Promise<{ readonly peak: number; readonly stopMs: number }> {
  const port = Number(new URL(serving.url).port);
  using fresh = await crowdOf(port, Math.ceil(options.idleConnections / 2), "");
  using kept = await crowdOf(port, Math.floor(options.idleConnections / 2), keptAlive);
  using slow = await crowdOf(port, options.slowBodies, unfinished(letterBytes / 2, letterBytes));
  let acknowledged = 0;
  const enough = new AbortController();
  async function enqueueSmall(): Promise<void> {
    while (!enough.signal.aborted) if ((await enqueueOne(serving)) === 202) acknowledged++;
  }
  const callers = Array.from({ length: 4 }, enqueueSmall);
  await eventually(() => acknowledged >= 200, { deadlineMs, awaited: "200 jobs to be taken beside all of these" });
  told(`${fresh.open() + kept.open()} idle connections and ${slow.open()} bodies that do not end`);
  const peak = peakMiB(serving);
  const beganNs = monotonic.nowNs();
  serving.signal("SIGTERM");
  const code = await serving.ended();
  const stopMs = (monotonic.nowNs() - beganNs) / 1e6;
  enough.abort();
  await Promise.all(callers);
  const held = await engine.depth(small);
  print(
    `it has stopped after ${(stopMs / 1000).toFixed(1)} s; ${acknowledged} jobs were acknowledged, ${held} are there`,
  );
  must(code === 0, `it ended with ${code}`);
  must(held >= acknowledged, `${acknowledged} jobs were acknowledged, and ${held} are there`);
  must(peak < memoryMiB, `it took ${peak.toFixed(0)} MiB of ${memoryMiB}`);
  must(stopMs < graceMs, `it took ${stopMs.toFixed(0)} ms of ${graceMs} to stop`);
  return { peak, stopMs };
}

/** @returns the status, 0 where there was no reply */
const enqueueOne = ({ url }: Started): Promise<number> =>
  fetch(`${url}/queues/small/jobs`, json({ payload: "x" })).then(
    async (reply) => {
      await reply.arrayBuffer();
      return reply.status;
    },
    () => 0,
  );

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** As the kernel counts it. */
function peakMiB({ pid }: Started): number {
  const [, kiB = ""] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kiB) / 1024;
}

const json = (body: object): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

async function post({ url }: Started, path: string, body: object): Promise<string> {
  const reply = await fetch(url + path, json(body));
  return reply.text();
}

async function enqueueLarge(serving: Started, count: number): Promise<void> {
  let left = count;
  async function some(): Promise<void> {
    while (left-- > 0) {
      const said = await post(serving, "/queues/large/jobs", { payload: "x".repeat(letterBytes) });
      must(said.startsWith('{"id"'), said);
    }
  }
  await Promise.all(Array.from({ length: listersAtOnce }, some));
}

/** How many letters are in all pages. */
async function list({ url }: Started, query: string): Promise<number> {
  let count = 0;
  for (let after = ""; ;) {
    const reply = await fetch(`${url}/queues/large/dead?limit=1000${after}${query}`);
    const { letters, next } = page.parse(await reply.json());
    count += letters.length;
    if (next === null) return count;
    after = `&after=${next}`;
  }
}

export const bench: Bench = {
  about: "the service's memory with large dead letters, slow callers and idle connections, and its time to stop",
  run: (print) => crowded({ letters: 1000, slowBodies: 200, idleConnections: 5000 }, print),
};
