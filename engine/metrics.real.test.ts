/**
 * The metrics of a worker against what its handlers did; and, where there is a promtool, their names against
 * Prometheus' conventions.
 */
import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { deadlineMs, eventually } from "./testing/deadline.ts";
import { jobsOf } from "./testing/jobs.ts";
import { promtool, untested } from "./testing/promtool.ts";
import { startRedis } from "./testing/redis.ts";
import { leaseMs, longLeaseMs, sweepMs, workElsewhere } from "./testing/workers.ts";
import { connect, jobType, type Engine, type Handler, type JobType } from "./index.ts";
import { metricsOf, type Metrics } from "./metrics.ts";

/** A worker that counts, until the test is over. */
function counted(
  engine: Engine,
  type: JobType<string>,
  metrics: Metrics,
  handle: Handler<string>,
  deadLetters = {},
): AsyncDisposable {
  const stop = new AbortController();
  const options = { stop: stop.signal, sweepMs, deadLetters };
  const working = engine.work(type, handle, metrics.watched(type, options));
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await working;
    },
  };
}

/** The value of a line, such as `engine_jobs{type="job",state="dead"}`; undefined where there is none. */
async function valueOf(metrics: Metrics, line: string): Promise<number | undefined> {
  const found = (await metrics.text()).split("\n").find((one) => one.startsWith(`${line} `));
  return found === undefined ? undefined : Number(found.slice(line.length));
}

const until = async (metrics: Metrics, values: Readonly<Record<string, number>>): Promise<void> => {
  for (const [line, value] of Object.entries(values)) {
    let last: number | undefined;
    await eventually(async () => (last = await valueOf(metrics, line)) === value, {
      deadlineMs,
      awaited: `${line} to be ${value}`,
    }).catch((error: unknown) => {
      throw new Error(`${line} was ${last} in the end`, { cause: error });
    });
  }
};

test("counts what became of every job, and tells how the queue stands", async () => {
  await using redis = await startRedis();
  const type = jobType({ name: "job", attempts: 2, backoff: { baseMs: 0 }, leaseMs: longLeaseMs });
  await using engine = connect({ redis, namespace: "metrics" });
  const metrics = metricsOf(engine, [type]);
  const producer = engine.producer(type);
  metrics.enqueued(type, await producer.enqueue(jobsOf(["good", "good", "bad"])));
  metrics.enqueued(type, await producer.enqueue([{ payload: "later", delayMs: 3_600_000 }]));
  await until(metrics, {
    'engine_jobs_enqueued_total{type="job",outcome="ok"}': 4,
    'engine_jobs{type="job",state="waiting"}': 3,
    'engine_jobs{type="job",state="active"}': 0,
    'engine_jobs{type="job",state="delayed"}': 1,
    'engine_jobs_processed_total{type="job"}': 0,
    engine_broker_up: 1,
  });
  const first = (await valueOf(metrics, 'engine_oldest_job_age_seconds{type="job"}')) ?? 0;
  await eventually(async () => ((await valueOf(metrics, 'engine_oldest_job_age_seconds{type="job"}')) ?? 0) > first, {
    deadlineMs,
    awaited: "the oldest job to grow older",
  });

  await using open = new AsyncDisposableStack();
  open.use(
    counted(engine, type, metrics, async ({ payload }) => {
      if (payload === "bad") throw new Error("bad");
    }),
  );
  await until(metrics, {
    'engine_jobs_processed_total{type="job"}': 2,
    'engine_jobs_dead_total{type="job"}': 1,
    'engine_jobs_retried_total{type="job"}': 1,
    'engine_jobs_failed_total{type="job"}': 2,
    'engine_jobs_reclaimed_total{type="job"}': 0,
    'engine_settlements_refused_total{type="job"}': 0,
    'engine_jobs{type="job",state="waiting"}': 0,
    'engine_jobs{type="job",state="dead"}': 1,
    'engine_oldest_job_age_seconds{type="job"}': 0,
    'engine_handler_duration_seconds_count{type="job",ended="done"}': 2,
    'engine_handler_duration_seconds_count{type="job",ended="failed"}': 2,
    'engine_job_latency_seconds_count{type="job"}': 2,
  });
  const latency = (await valueOf(metrics, 'engine_job_latency_seconds_sum{type="job"}')) ?? 0;
  expect(latency).toBeGreaterThan(first);
});

test("counts what was taken over from a dead worker, and the settlements that came too late", async () => {
  await using redis = await startRedis();
  const type = jobType({ name: "job", leaseMs });
  await using engine = connect({ redis, namespace: "metrics" });
  const metrics = metricsOf(engine, [type]);
  await using doomed = workElsewhere(redis.port, "metrics", "never");
  await engine.producer(type).enqueue(jobsOf(["a", "b", "c"]));
  await eventually(() => doomed.lines().length === 3, { deadlineMs, awaited: "the worker to have all" });
  await until(metrics, { 'engine_jobs{type="job",state="active"}': 3 });
  doomed.signal("SIGKILL");
  const late = Promise.withResolvers<void>();
  await using open = new AsyncDisposableStack();
  open.use(counted(engine, type, metrics, () => late.promise));
  await until(metrics, { 'engine_jobs_reclaimed_total{type="job"}': 3 });

  // Behind the worker's back somebody sets one of them aside; so it runs once more.
  await steal(redis.port);
  late.resolve();
  await until(metrics, {
    'engine_jobs_processed_total{type="job"}': 3,
    'engine_settlements_refused_total{type="job"}': 1,
  });
  expect(await valueOf(metrics, 'engine_settlements_unknown_total{type="job"}')).toBe(0);
});

/** Takes the oldest entry away from whoever has it. */
async function steal(port: number): Promise<void> {
  const { Redis } = await import("ioredis");
  const redis = new Redis({ port });
  const [oldest] = await redis.xrange("metrics:{job}:jobs", "-", "+", "COUNT", 1);
  const entry = oldest?.[0] ?? "";
  await redis.xclaim("metrics:{job}:jobs", "workers", "~suspected", 0, entry, "JUSTID");
  redis.disconnect();
}

test("counts the dead letters that may not stay", async () => {
  await using redis = await startRedis();
  const type = jobType({ name: "job", attempts: 1, leaseMs: longLeaseMs });
  await using engine = connect({ redis, namespace: "metrics" });
  const metrics = metricsOf(engine, [type]);
  await engine.producer(type).enqueue(jobsOf(["a", "b", "c"]));
  await using open = new AsyncDisposableStack();
  open.use(counted(engine, type, metrics, () => Promise.reject(new Error("no")), { countMax: 1 }));
  await until(metrics, { 'engine_dead_letters_removed_total{type="job"}': 2 });
  expect(await valueOf(metrics, 'engine_jobs{type="job",state="dead"}')).toBe(1);
});

test("tells what it knows while the broker is away, and makes up nothing", async () => {
  await using redis = await startRedis();
  const type = jobType({ name: "job" });
  await using engine = connect({ redis, namespace: "metrics" });
  const metrics = metricsOf(engine, [type]);
  await until(metrics, { 'engine_jobs{type="job",state="waiting"}': 0 });
  await redis.stop();
  await until(metrics, { engine_broker_up: 0, 'engine_jobs_processed_total{type="job"}': 0 });
  expect(await valueOf(metrics, 'engine_jobs{type="job",state="waiting"}')).toBeUndefined();
  expect(await valueOf(metrics, 'engine_oldest_job_age_seconds{type="job"}')).toBeUndefined();
});

test.skipIf(untested !== "")(`promtool has nothing to say about them${untested}`, async () => {
  await using redis = await startRedis();
  const type = jobType({ name: "job", leaseMs: longLeaseMs });
  await using engine = connect({ redis, namespace: "metrics" });
  const metrics = metricsOf(engine, [type]);
  await engine.producer(type).enqueue([{ payload: "a" }]);
  await using open = new AsyncDisposableStack();
  open.use(counted(engine, type, metrics, async () => {}));
  await until(metrics, { 'engine_jobs_processed_total{type="job"}': 1 });
  const judge = (input: string): string => {
    const { stdout, stderr, status } = spawnSync(promtool, ["check", "metrics"], {
      input,
      encoding: "utf8",
    });
    return `${status} ${stdout}${stderr}`;
  };
  expect(judge(await metrics.text())).toBe("0 ");
  expect(judge("# TYPE jobs_total gauge\njobs_total 1\n"), "it does find what is wrong").not.toBe("0 ");
});
