/**
 * The published shape of result.json. It is written out, and its test lets the compiler hold it against `Result`: a
 * field that only one of them has does not compile.
 */
import { z } from "zod";
import { kinds, type Kind } from "../history/record.ts";
import { effectNames, type Effect } from "../history/effects.ts";
import type { Resource } from "../history/resource.ts";

const ns = z.number();
const json = z.json();
const text = z.string();
const many = z.int().min(0);
const record = <Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> => z.record(text, value);
const namesOf = (table: Readonly<Record<Kind, number>>): readonly Kind[] =>
  Object.keys(table).filter((name): name is Kind => name in table);

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
  promise: z.boolean(),
  exercised: z.boolean(),
  terms: json,
  waived: text.optional(),
  threshold: z
    .object({
      askedBy: z.enum(["scenario", "command"]),
      endsRun: z.boolean(),
      value: z.number().nullable(),
      atLeast: z.boolean(),
      unit,
      said: text,
      measured: many,
    })
    .optional(),
};
const counts = record(z.number());
const guarantee = z.discriminatedUnion("verdict", [
  z.object({ ...judged, verdict: z.literal("pass"), tried: z.boolean(), judged: many, exposed: many, counts }),
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

const role = z.enum(["producer", "worker", "harness"]);
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
  repeat: text,
  load: json,
  schedule: z.array(z.object({ id: text, fault: text, atMs: z.number(), plan: json })),
  leftOut: z.array(z.object({ fault: text, why: text })),
  untaken: z.array(text).exactOptional(),
});

const environment = z.object({
  versions: record(text),
  providers: record(text),
  store: z.object({ profile: text, settings: record(text) }),
  paths: record(text),
  machine: z.object({ platform: text, cpus: z.int(), cpu: text, memoryGiB: z.number() }),
  commit: text.nullable(),
});

const jobs = z.object({
  planned: many,
  sent: many,
  acknowledged: many,
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

export const resultSchema = z.object({
  format: z.literal(1),
  verdict: z.enum(["pass", "fail", "unknown"]),
  sentence: text,
  reasons: z.array(text),
  known: z.array(z.object({ guarantee: text, reason: text, until: z.iso.date() })),
  run,
  environment,
  guarantees: z.array(guarantee),
  measures: record(z.object({ about: text, measured })),
  jobs,
  blind: z.object({
    repeats: z.array(
      z.object({ afterSeconds: z.number(), bySame: z.number().optional(), byAnother: z.number().optional() }),
    ),
    recoveries: z.array(z.object({ timesBound: z.number(), share: z.number() })),
  }),
  phases: z.object({ loadFrom: ns, loadTo: ns, drainFrom: ns, drainTo: ns }),
  incidents: z.array(incident),
  processes: z.array(incarnation),
  deaths: z.array(death),
  trouble: z.array(trouble),
  evidence: record(text),
  record: z.object({
    checksums: z.enum(["agree", "differ", "none"]),
    differences: z.array(text),
    told: z.array(text),
  }),
});

/** The text of docs/result.schema.json. */
export const resultSchemaText = (): string =>
  `${JSON.stringify({ title: "result.json of a Whitewater run", ...z.toJSONSchema(resultSchema) }, null, 2)}\n`;
