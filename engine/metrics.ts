/**
 * The engine's metrics for Prometheus, under its conventions: base units, `_total` for what only grows, one label for
 * the job type. Counters are this process's own; how the queues stand is asked of the broker at each scrape.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { nowMs } from "./std/clock.ts";
import type { Counts } from "./operate/counts.ts";
import type { Engine } from "./engine.ts";
import { checkedLayout, type JobType } from "./job-type.ts";
import type { Layout } from "./redis/keys.ts";
import type { Receipt } from "./producer/producer.ts";
import { workOptionsOf, type CheckedWorkOptions, type Settled, type WorkOptions } from "./worker/options.ts";

export interface Metrics {
  /** To add more to. */
  readonly registry: Registry;
  /**
   * Asks the broker how the queues stand, and tells all. Without a broker, all that this process knows. Never rejects.
   */
  text(): Promise<string>;
  /** The same options for a worker, whose deeds are counted from then on. */
  watched(type: Pick<JobType<unknown>, "name">, options: WorkOptions): WorkOptions;
  enqueued(type: Pick<JobType<unknown>, "name">, receipts: readonly Receipt[]): void;
}

const runSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];
const latencySeconds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600];
const places = ["waiting", "active", "delayed", "dead"] as const;
const outcomes = ["ok", "duplicate", "refused", "unknown"] as const;

/** @param given types whose queues are told; all of them have a value of every counter from the start */
export function metricsOf(
  engine: Pick<Engine, "counts">,
  given: readonly Layout[],
  registry: Registry = new Registry(),
): Metrics {
  const types = given.map(checkedLayout);
  const queues = queueGauges(engine, types, registry);
  const { enqueued, ...worked } = countersIn(registry);
  const histograms = histogramsIn(registry);
  for (const { name: type } of types) {
    for (const counter of Object.values(worked)) counter.inc({ type }, 0);
    for (const outcome of outcomes) enqueued.inc({ type, outcome }, 0);
  }
  return {
    registry,
    async text() {
      await queues.look();
      return registry.metrics();
    },
    watched: ({ name }, options) => watched(name, workOptionsOf(options), worked, histograms, queues.brokerNowMs),
    enqueued({ name: type }, receipts) {
      for (const receipt of receipts) {
        const isDuplicate = receipt.outcome === "ok" && receipt.duplicate;
        enqueued.inc({ type, outcome: isDuplicate ? "duplicate" : receipt.outcome });
      }
    },
  };
}

interface QueueGauges {
  /** Asks the broker how the queues stand. */
  look(): Promise<void>;
  /** The broker's clock as it stood at the last look; undefined before the first. */
  brokerNowMs(): number | undefined;
}

function queueGauges(engine: Pick<Engine, "counts">, types: readonly Layout[], registry: Registry): QueueGauges {
  const registers = [registry];
  const up = new Gauge({ name: "engine_broker_up", help: "Whether the broker answered this scrape.", registers });
  const jobs = new Gauge({
    name: "engine_jobs",
    help: "Jobs that the broker holds, by where they are.",
    labelNames: ["type", "state"],
    registers,
  });
  const oldest = new Gauge({
    name: "engine_oldest_job_age_seconds",
    help: "For how long the oldest job that is not settled has been due; 0 where none is.",
    labelNames: ["type"],
    registers,
  });
  /** What to add to this process's time for the broker's; undefined before it was asked. */
  let brokerAheadMs: number | undefined;

  function report(type: string, counts: Counts): void {
    brokerAheadMs = counts.brokerMs - nowMs();
    for (const state of places) jobs.set({ type, state }, counts[state]);
    oldest.set({ type }, (counts.oldestMs ?? 0) / 1000);
  }

  /** What the broker does not say is not there, rather than what it said once. */
  function remove(type: string): void {
    for (const state of places) jobs.remove({ type, state });
    oldest.remove({ type });
  }

  return {
    async look() {
      const looks = await Promise.allSettled(types.map((type) => engine.counts(type)));
      for (const [index, { name }] of types.entries()) {
        const counts = looks[index];
        if (counts?.status === "fulfilled") report(name, counts.value);
        else remove(name);
      }
      up.set(looks.every(({ status }) => status === "fulfilled") ? 1 : 0);
    },
    brokerNowMs: () => (brokerAheadMs === undefined ? undefined : nowMs() + brokerAheadMs),
  };
}

/** All but the first are of what workers did. */
function countersIn(registry: Registry) {
  const counter = <Label extends string = never>(
    name: string,
    help: string,
    ...more: readonly Label[]
  ): Counter<"type" | Label> => new Counter({ name, help, labelNames: ["type", ...more], registers: [registry] });
  return {
    enqueued: counter("engine_jobs_enqueued_total", "Jobs that came to be written, by what became of it.", "outcome"),
    processed: counter("engine_jobs_processed_total", "Jobs that were done, and are settled."),
    failed: counter("engine_jobs_failed_total", "Attempts that failed, whatever their settlement came to."),
    retried: counter("engine_jobs_retried_total", "Failed attempts after which another one was scheduled."),
    dead: counter("engine_jobs_dead_total", "Jobs that became dead letters."),
    reclaimed: counter(
      "engine_jobs_reclaimed_total",
      "Jobs that were taken over from workers that were declared dead.",
    ),
    refused: counter("engine_settlements_refused_total", "Settlements of jobs that another worker had by then."),
    unknown: counter("engine_settlements_unknown_total", "Settlements to which no answer came."),
    removed: counter("engine_dead_letters_removed_total", "Dead letters that were removed since not all may stay."),
  };
}

function histogramsIn(registry: Registry) {
  return {
    ran: new Histogram({
      name: "engine_handler_duration_seconds",
      help: "Time that a call of a handler took, by how it ended.",
      labelNames: ["type", "ended"],
      buckets: runSeconds,
      registers: [registry],
    }),
    latency: new Histogram({
      name: "engine_job_latency_seconds",
      help: "From the enqueue to the end of the run in which a job was done, with all its delays and retries.",
      labelNames: ["type"],
      buckets: latencySeconds,
      registers: [registry],
    }),
  };
}

type WorkCounters = Omit<ReturnType<typeof countersIn>, "enqueued">;
type Histograms = ReturnType<typeof histogramsIn>;

/** The same options, whose callbacks count before they call the caller's own. */
function watched(
  type: string,
  options: CheckedWorkOptions,
  counters: WorkCounters,
  { ran, latency }: Histograms,
  brokerNowMs: () => number | undefined,
): WorkOptions {
  const { observer, deadLetters } = options;
  return {
    ...options,
    settled(what) {
      countSettled(type, what, counters);
      return options.settled?.(what);
    },
    observer: {
      ran(run) {
        const { ended, ms, enqueuedAt } = run;
        ran.observe({ type, ended }, ms / 1000);
        const now = brokerNowMs();
        if (ended === "done" && now !== undefined) latency.observe({ type }, Math.max(now - enqueuedAt, 0) / 1000);
        return observer?.ran?.(run);
      },
      reclaimed(count) {
        counters.reclaimed.inc({ type }, count);
        return observer?.reclaimed?.(count);
      },
    },
    ...(deadLetters !== undefined && {
      deadLetters: {
        ...deadLetters,
        removed(count) {
          counters.removed.inc({ type }, count);
          return deadLetters.removed?.(count);
        },
      },
    }),
  };
}

function countSettled(type: string, { as, fate }: Settled, counters: WorkCounters): void {
  const { failed, refused, unknown, processed, retried, dead } = counters;
  if (as !== "done") failed.inc({ type });
  if (fate === "refused") refused.inc({ type });
  else if (fate === "unknown") unknown.inc({ type });
  else ({ done: processed, retry: retried, dead })[as].inc({ type });
}
