/**
 * The published shape of result.json, of which `Result` is the type (contract.ts). What other rooms make and know by
 * types of their own (lives, incidents, processes, measures) has its shape in JSON here, and the test lets the compiler
 * hold the two against each other: a field that only one of them has does not compile.
 */
import { z } from "zod";
import { kinds, namesOf, roles } from "../history/record.ts";
import { effectNames, type Effect } from "../history/effects.ts";
import type { Resource } from "../history/resource.ts";
import type { Json } from "../std/json.ts";

const ns = z.number();
const json: z.ZodType<Json> = z.json();
const text = z.string();
const many = z.int().min(0);
const record = <Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> => z.record(text, value);

const evidence = z.discriminatedUnion("proven", [
  z.object({ proven: z.literal(true), facts: record(json) }),
  z.object({ proven: z.literal(false), why: text }),
]);

const lifeEvent = z.object({
  at: ns,
  kind: z.enum(namesOf(kinds)),
  incarnation: z.int(),
  attempt: z.int(),
  code: z.int(),
  micros: z.number(),
});

const unit = z.enum(["ms", "jobs/s", "jobs", "processes", "%"]);

const judged = {
  name: text,
  about: text,
  claimed: z.boolean(),
  /** False where it is about the run itself: that was valid or not, and nobody promised it. */
  promise: z.boolean(),
  /** The scenario means to threaten it. */
  exercised: z.boolean(),
  terms: json,
  /** Why the system does not give it, though it holds for any job queue. */
  waived: text.exactOptional(),
  /** It is one of how fast the run had to be, and nobody's promise; its name says it in full. */
  threshold: z
    .object({
      askedBy: z.enum(["scenario", "command"]),
      /** The run was to end as soon as it could no longer be held. */
      endsRun: z.boolean(),
      /** What it was; null where nothing was measured. */
      value: z.number().nullable(),
      /** It may have been more: some of it was never over. */
      atLeast: z.boolean(),
      unit,
      /** The value as it is told. */
      said: text,
      /** Of so many jobs, runs or seconds. */
      measured: many,
    })
    .exactOptional(),
};
const counts = record(z.number());
/** A guarantee as judged in this run. */
const guarantee = z.discriminatedUnion("verdict", [
  z.object({
    ...judged,
    verdict: z.literal("pass"),
    /** Something was exposed; or, in a run without faults, judged. */
    tried: z.boolean(),
    judged: many,
    exposed: many,
    counts,
  }),
  z.object({
    ...judged,
    verdict: z.literal("fail"),
    judged: many,
    exposed: many,
    counts,
    violations: many,
    examples: z.array(
      z.object({
        job: z.int().optional(),
        what: text,
        life: z.array(lifeEvent),
        span: z.object({ from: ns, to: ns }).optional(),
      }),
    ),
  }),
  z.object({ ...judged, verdict: z.literal("unknown"), reason: text, counts }),
  z.object({ ...judged, verdict: z.literal("not-observable"), reason: text }),
]);

const figures = z.enum(["min", "mean", "max", "p50", "p90", "p99", "p999", "p9999"]);
const percentiles = z.object({
  count: many,
  censored: many,
  atLeast: z.array(figures).optional(),
  min: z.number(),
  mean: z.number(),
  max: z.number(),
  p50: z.number(),
  p90: z.number(),
  p99: z.number(),
  p999: z.number(),
  p9999: z.number(),
});
const curve = z.array(z.tuple([z.number(), z.number()]));
const spread = { summary: percentiles.optional(), curve, exactTo: z.number().optional() };
const measured = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("distribution"),
    unit,
    ...spread,
    hgrm: text,
    encoded: text,
    parts: record(z.object(spread)),
  }),
  z.object({
    kind: z.literal("series"),
    unit,
    stacked: z.literal(true).optional(),
    at: z.array(z.number()),
    lines: record(z.array(z.number().nullable())),
  }),
  z.object({
    kind: z.literal("per-incident"),
    unit,
    rows: z.array(
      z.object({
        incident: text,
        fault: text,
        exposed: many,
        open: many,
        atLeast: z.array(z.enum(["first", "p50", "last"])),
        first: z.number().nullable(),
        last: z.number().nullable(),
        p50: z.number().nullable(),
      }),
    ),
  }),
]);

const role = z.enum(namesOf(roles));
const effect: z.ZodType<Effect> = z.enum(effectNames);
const slot = z.templateLiteral([role, ":", z.int()]);
// As templates, which the published schema can have.
const resource: z.ZodType<Resource> = z.union([
  z.literal("store"),
  z.literal("clock:store"),
  slot,
  z.templateLiteral(["link:", role, ":", z.int()]),
  z.templateLiteral(["clock:", role, ":", z.int()]),
]);

const run = z.object({
  id: text,
  directory: text,
  startedAt: z.iso.datetime(),
  seconds: z.number(),
  scenario: z.object({ name: text, about: text }),
  system: z.object({ name: text, about: text, profile: text, settings: json }),
  seed: text,
  /** The shell command that runs the same schedule again. */
  repeat: text,
  load: json,
  schedule: z.array(
    z.object({
      id: text,
      fault: text,
      /** Milliseconds after the start of the load. */
      atMs: z.number(),
      plan: json,
    }),
  ),
  /** Kinds of fault that the scenario has and this run chose to go without. */
  leftOut: z.array(z.object({ fault: text, why: text })),
  /** What the scenario's load has and the system does not take; earlier versions did not say. */
  untaken: z.array(text).exactOptional(),
});

const environment = z.object({
  /** Names with versions: node, whitewater, redis, toxiproxy, client libraries. */
  versions: record(text),
  /** Where each part came from: given, path, installed. */
  providers: record(text),
  store: z.object({ profile: text, settings: record(text) }),
  /** Which processes had proxied links, and which direct ones. */
  paths: record(text),
  machine: z.object({ platform: text, cpus: z.int(), cpu: text, memoryGiB: z.number() }),
  commit: text.nullable(),
});

const jobs = z.object({
  planned: many,
  sent: many,
  acknowledged: many,
  /** Of these: as jobs that were there before, under the same caller's key. Earlier versions did not say. */
  duplicates: many.exactOptional(),
  refused: many,
  unknown: many,
  done: many,
  dead: many,
  startedMoreThanOnce: many,
});

const incident = z.object({
  id: text,
  fault: text,
  effect,
  touches: z.array(resource),
  incarnations: z.array(z.int()),
  from: ns,
  to: ns,
  bit: evidence.optional(),
  healed: evidence.optional(),
});

const exit = { code: z.int().nullable(), signal: text.nullable() };

const incarnation = z.object({
  incarnation: z.int(),
  role,
  slot: z.int(),
  spawnedAt: ns,
  exitedAt: ns.optional(),
  end: z.enum(["closed", "killed", "crashed", "running"]),
  exit: z.object(exit).optional(),
  stalls: z.array(z.object({ from: ns, to: ns })),
});

const death = z.object({
  ...exit,
  incarnation: z.int(),
  role,
  slot: z.int(),
  at: ns,
  by: z.enum(["itself", "outside"]),
  lastWords: z.array(text),
});

const trouble = z.object({ of: z.enum(["store", "proxy", "disk", "memory", "harness"]), what: text, from: ns });

/** The record held against the checksums that it was written with. */
const compared = z.object({
  /** `none`: it is of a format that had none, so that only `evidence` could be compared. */
  checksums: z.enum(["agree", "differ", "none"]),
  /** What differs, by the name of the file. Nothing is known of the run then. */
  differences: z.array(text),
  /** What else is not as it was, and changes nothing: reports, logs, names of measures. */
  told: z.array(text),
});

export const resultSchema = z.object({
  /** Version of this value's shape. */
  format: z.literal(1),
  verdict: z.enum(["pass", "fail", "unknown"]),
  /** One sentence that a manager reads, and one on how enqueues were answered. */
  sentence: text,
  /** Why it is unknown or failed, most important first; empty for a pass. */
  reasons: z.array(text),
  /** Broken guarantees that the team knows of until a day that is not over: a build goes on in spite of them. */
  known: z.array(z.object({ guarantee: text, reason: text, until: z.iso.date() })),
  run,
  environment,
  guarantees: z.array(guarantee),
  measures: record(z.object({ about: text, measured })),
  jobs,
  /** What the run could not have seen, from the intervals by which it was judged. */
  blind: z.object({
    repeats: z.array(
      z.object({ afterSeconds: z.number(), bySame: z.number().optional(), byAnother: z.number().optional() }),
    ),
    recoveries: z.array(z.object({ timesBound: z.number(), share: z.number() })),
  }),
  /** Times below are nanoseconds since this origin. */
  phases: z.object({ loadFrom: ns, loadTo: ns, drainFrom: ns, drainTo: ns }),
  incidents: z.array(incident),
  processes: z.array(incarnation),
  /** Those that ended by themselves, or by somebody else. */
  deaths: z.array(death),
  /** What was wrong with the run's own parts, or its machine. */
  trouble: z.array(trouble),
  /** SHA-256 of each file of the record as it was when the run was over, or, where that is not known, as it is. */
  evidence: record(text),
  record: compared,
});

/** The text of docs/result.schema.json. */
export const resultSchemaText = (): string =>
  `${JSON.stringify({ title: "result.json of a Whitewater run", ...z.toJSONSchema(resultSchema) }, null, 2)}\n`;
