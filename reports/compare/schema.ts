/** The published shape of compare.json, and with it the type of a comparison. */
import { z } from "zod";
import type { Json } from "../../std/json.ts";

const text = z.string();
const json: z.ZodType<Json> = z.json();
const many = z.int().min(0);
const verdict = z.enum(["pass", "fail", "unknown"]);

/** By name, with what one unit of it means. Costs get smaller as a queue gets better; only throughput grows. */
export const figureNames = ["jobsPerSecond", "latencyP50Ms", "latencyP99Ms", "cpuMicrosPerJob"] as const;

const figures = z.object({
  jobsPerSecond: z.number().optional(),
  latencyP50Ms: z.number().optional(),
  latencyP99Ms: z.number().optional(),
  cpuMicrosPerJob: z.number().optional(),
});

const broken = z.object({ guarantee: text, violations: many, what: text, where: text });

const configuration = z.object({
  /** Unique here, such as `stream` and `stream-2`. */
  key: text,
  label: text,
  system: text,
  profile: text,
  about: text,
  settings: json,
  promises: z.object({
    verdict,
    /** How many times it was judged: each round, and the run of the scenario. */
    judged: many,
    broken: z.array(broken),
    unknown: z.array(z.object({ why: text, where: text })),
  }),
  figures,
  /** As the clock on the wall has it, whatever else the machine did. */
  wallJobsPerSecond: z.number().optional(),
  latency: z
    .object({
      jobs: many,
      /** Never settled: they count with their age. */
      unfinished: many,
      /** From there on, latencies are what they are at least, ms. */
      atLeastFromMs: z.number().optional(),
      p50: z.number(),
      p90: z.number(),
      p99: z.number(),
      p999: z.number(),
      max: z.number(),
      /** [percentile 0..100, ms] */
      curve: z.array(z.tuple([z.number(), z.number()])),
    })
    .optional(),
});

const ratio = z.object({
  figure: z.enum(figureNames),
  /** The other's figure in units of the base's, and the interval that holds it in 95 of 100 such comparisons. */
  ratio: z.number(),
  from: z.number(),
  to: z.number(),
  /** Differences within it are not told apart: 0.03 is 3 %. */
  margin: z.number(),
  laps: many,
  says: z.enum(["no difference seen", "better", "worse"]),
});

export const comparisonSchema = z.object({
  format: z.literal(1),
  verdict,
  sentence: text,
  reasons: z.array(text),
  id: text,
  directory: text,
  startedAt: z.iso.datetime(),
  seconds: z.number(),
  seed: text,
  repeat: text,
  /** The first one is what the others are held against. */
  configurations: z.array(configuration).min(1),
  pairs: z.array(z.object({ base: text, other: text, ratios: z.array(ratio) })),
  method: z.object({
    scenario: text.nullable(),
    rounds: many,
    /** Laps of each kind that all configurations finished. */
    backlogLaps: many,
    steadyLaps: many,
    backlogJobs: many,
    offeredPerSecond: z.number(),
    steadySeconds: z.number(),
    load: z.object({
      producers: many,
      workers: many,
      /** Of each configuration, where they differ. */
      concurrency: text,
      payloadBytes: many,
      /** The least and the most that a handler takes. */
      runMs: z.tuple([z.number(), z.number()]),
      /** Shares of jobs of which an attempt fails, and that wait for a delay. */
      failing: z.number(),
      delayed: z.number(),
    }),
    /** A difference beyond it, to the worse, is a failure; null where none was asked for. */
    failSlowerPercent: z.number().nullable(),
  }),
  /** Each slice that a figure was computed from. */
  laps: z.array(
    z.object({
      configuration: text,
      round: many,
      lap: many,
      kind: z.enum(["backlog", "steady"]),
      jobs: many,
      /** Never settled: its figures are what they are at least. */
      unfinished: many,
      wallMs: z.number(),
      undisturbedMs: z.number(),
      workerMicrosPerJob: z.number(),
      brokerMicrosPerJob: z.number(),
      p50Ms: z.number(),
      p99Ms: z.number(),
    }),
  ),
  environment: z.object({
    versions: z.record(text, text),
    providers: z.record(text, text),
    store: z.object({ profile: text, settings: z.record(text, text) }),
    machine: z.object({ platform: text, cpus: z.int(), cpu: text, memoryGiB: z.number() }),
    commit: text.nullable(),
  }),
});
