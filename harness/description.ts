/** run.json: what a run was, so that its history can be judged, reported and repeated without anything else. */
import { execFileSync } from "node:child_process";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { z } from "zod";
import { boundsOf, boundsSchema } from "../history/bounds.ts";
import { spanSeconds } from "../history/ledger.ts";
import { versionOf } from "../catalogues/configuration.ts";
import { calendarNow } from "../std/clock.ts";
import type { Environment } from "./environment/provide.ts";
import { jobsMost } from "../scenarios/schema.ts";
import { tooManyToJudge } from "./judging-room.ts";
import type { Paths } from "./links.ts";
import type { Plan } from "./plan.ts";
import { readJson, type RunDirectory } from "./run-directory.ts";
import { inFull } from "../thresholds/grammar.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import { askedSchema } from "./thresholds.ts";

/**
 * A job sent later than this after its intended time is late; more than that share of late ones, and the load was not
 * met.
 */
const load = { lateShare: 0.01, lateAfterMs: 1000 };

const strings = z.record(z.string(), z.string());
const some = z.int().positive();
const seconds = z.number().positive().max(spanSeconds);

const schema = z.object({
  /** 2: its record has checksums, and `record.sha256` beside it. */
  format: z.union([z.literal(1), z.literal(2)]),
  id: z.string(),
  startedAt: z.iso.datetime(),
  scenario: z.object({ name: z.string(), about: z.string() }),
  system: z.object({
    name: z.string(),
    about: z.string(),
    profile: z.string(),
    settings: z.json(),
    tellsSettlements: z.boolean(),
  }),
  claims: z.record(z.string(), z.json()),
  /** Earlier runs knew no waivers, and no bounds. */
  waives: z.record(z.string(), z.string()).default({}),
  bounds: boundsSchema.default(boundsOf({ recoveryMs: 60_000, retryMs: 0 })),
  exercises: z.array(z.string()),
  seed: z.string(),
  /** What its keys begin with; earlier runs did not say. */
  namespace: z.string().exactOptional(),
  repeat: z.string(),
  load: z
    .object({
      jobs: z.int().nonnegative().max(jobsMost),
      seconds,
      producers: some,
      concurrency: some,
      retries: z.object({ attempts: some, backoffMs: z.number().nonnegative() }),
      priorities: z
        .record(z.string(), z.object({ weight: z.number().nonnegative(), share: z.number().nonnegative() }))
        .exactOptional(),
      repeats: z.object({ share: z.number(), withinMs: z.number() }).exactOptional(),
    })
    .catchall(z.json()),
  met: z.object({ lateShare: z.number().nonnegative(), lateAfterMs: z.number().nonnegative() }),
  schedule: z.array(z.object({ id: z.string(), fault: z.string(), atMs: z.number().nonnegative(), plan: z.json() })),
  /** What was to be fast enough; earlier runs were asked for nothing. */
  thresholds: z.array(askedSchema).default([]),
  /** Runs of the first version had no choice. */
  leftOut: z.array(z.object({ fault: z.string(), why: z.string() })).default([]),
  /** Earlier runs did not say. */
  untaken: z.array(z.string()).default([]),
  environment: z.object({
    versions: strings,
    providers: strings,
    store: z.object({ profile: z.string(), settings: strings }),
    paths: strings,
    machine: z.object({ platform: z.string(), cpus: z.number(), cpu: z.string(), memoryGiB: z.number() }),
    commit: z.string().nullable(),
  }),
});
export type RunDescription = z.infer<typeof schema>;

export interface RunNames {
  readonly id: string;
  readonly namespace: string;
  readonly commit: string | null;
  /** Words of the command that repeats it, beside those that the plan gives. */
  readonly repeat: readonly string[];
}

export function describe(
  { id, namespace, commit, repeat }: RunNames,
  plan: Plan,
  environment: Environment,
  paths: Paths,
  libraries: Readonly<Record<string, string>>,
): RunDescription {
  return schema.parse({
    format: 2,
    id,
    startedAt: calendarNow().toISOString(),
    scenario: { name: plan.scenario, about: plan.about.scenario },
    system: {
      name: plan.system,
      about: plan.about.system,
      profile: plan.profile,
      settings: plan.settings,
      tellsSettlements: plan.tellsSettlements,
    },
    claims: plan.claims,
    waives: plan.waives,
    bounds: plan.bounds,
    exercises: [...plan.definition.exercises],
    seed: plan.seed,
    namespace,
    repeat: repeatCommand(plan, repeat),
    load: plan.load,
    met: load,
    schedule: plan.schedule,
    thresholds: plan.asked,
    leftOut: plan.leftOut,
    untaken: plan.untaken,
    environment: {
      versions: {
        whitewater: versionOf("whitewater", import.meta.filename),
        node: process.versions.node,
        ...environment.versions,
        ...libraries,
      },
      providers: { ...environment.providers },
      store: { profile: plan.definition.store, settings: { ...environment.redis.settings } },
      paths: { ...paths.described },
      machine: {
        platform: `${platform()} ${release()} ${arch()}`,
        cpus: cpus().length,
        cpu: cpus()[0]?.model ?? "unknown",
        memoryGiB: Math.round(totalmem() / 2 ** 30),
      },
      commit,
    },
  });
}

/**
 * @throws UserError when the file is not what a run of this version writes, or tells of more than can be judged here
 */
export function readDescription(directory: RunDirectory): RunDescription {
  let value: unknown;
  try {
    value = readJson(directory.description);
  } catch (thrown) {
    throw new UserError(`${directory.description} cannot be read as a run's description: ${messageOf(thrown)}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) {
    const why = tooManyToJudge(parsed.data.load.jobs);
    if (why !== undefined) throw new UserError(`${directory.description} tells of a run that is too large: ${why}`);
    return parsed.data;
  }
  const [issue] = parsed.error.issues;
  throw new UserError(
    `${directory.description} is not a run's description: ${issue?.path.join(".")}: ${issue?.message}`,
  );
}

function repeatCommand(plan: Plan, more: readonly string[]): string {
  const words = [
    "whitewater",
    "run",
    plan.scenario,
    "--system",
    plan.system,
    "--seed",
    plan.seed,
    "--jobs",
    String(plan.jobs),
    "--seconds",
    String(plan.seconds),
  ];
  if (plan.profile !== "defaults") words.push("--profile", plan.profile);
  for (const one of plan.set ?? []) words.push("--set", one);
  for (const { text, endsRun, askedBy } of plan.asked)
    if (askedBy === "command") words.push("--threshold", inFull({ text, endsRun }));
  if (plan.leftOut.length > 0) words.push("--without", plan.leftOut.map(({ fault }) => fault).join(","));
  return [...words, ...more].map(inShell).join(" ");
}

const inShell = (word: string): string =>
  /^[\w@%+=:,./[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;

/** The commit under test, with a mark when the tree differs from it; null outside a checkout. */
export function commitOf(directory: string): string | null {
  try {
    const git = (...words: string[]): string =>
      execFileSync("git", words, { cwd: directory, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
    return (
      git("rev-parse", "--short=12", "HEAD") +
      (git("status", "--porcelain", "--untracked-files=no") === "" ? "" : " (changed)")
    );
  } catch {
    return null;
  }
}
