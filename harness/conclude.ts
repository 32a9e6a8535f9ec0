/**
 * From a run directory to its result and reports: reads the history once, judges it, measures it, writes what is told.
 * Needs nothing but the directory and the catalogues, so a stored run is judged again, the same, anywhere.
 */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { blindShareOf } from "../history/blind-share.ts";
import type { Bounds } from "../history/bounds.ts";
import { fatesOf } from "../history/fates.ts";
import { buildLedger } from "../history/ledger-builder.ts";
import { readJournal } from "../history/journal-file.ts";
import { outcomes, type Ledger, type RunFacts } from "../history/ledger.ts";
import { historySources } from "../history/reader.ts";
import type { Result } from "../reports/contract.ts";
import type { Json } from "../std/json.ts";
import type { Catalogues } from "./catalogues.ts";
import { readDescription, type RunDescription } from "./description.ts";
import { excuse, today, type KnownFailure } from "./known-failures.ts";
import { write, type RunDirectory } from "./run-directory.ts";
import { isControl, judge, overall } from "./verdict.ts";

type Members = Pick<Catalogues, "checks" | "measures" | "reports">;

/** Judges the run and writes its reports beside it. @param failures that are known, wherever they are */
export async function conclude(
  directory: RunDirectory,
  { checks, measures, reports }: Members,
  failures: readonly KnownFailure[] = [],
): Promise<Result> {
  const description = readDescription(directory);
  const journal = readJournal(directory.journal);
  const ledger = ledgerOf(directory, description, journal);
  const guarantees = judge(ledger, checks, description.claims, description.waives);
  const judgement = overall(guarantees, isControl(ledger));
  const { known } = excuse({ ...judgement, guarantees, run: description }, failures, today());
  const result: Result = {
    format: 1,
    ...judgement,
    known: known.map(({ guarantee, reason, until }) => ({ guarantee, reason, until })),
    run: {
      id: description.id,
      directory: directory.path,
      startedAt: description.startedAt,
      seconds: ((journal.at(-1)?.at ?? 0) - (journal[0]?.at ?? 0)) / 1e9,
      scenario: description.scenario,
      system: description.system,
      seed: description.seed,
      repeat: description.repeat,
      load: description.load,
      schedule: description.schedule,
      leftOut: description.leftOut,
    },
    environment: description.environment,
    guarantees,
    measures: Object.fromEntries(
      Object.entries(measures).map(([name, measure]) => [
        name,
        { about: measure.about, measured: measure.measure(ledger) },
      ]),
    ),
    jobs: countJobs(ledger),
    blind: blindShareOf(ledger),
    phases: ledger.phases,
    incidents: ledger.incidents,
    processes: ledger.incarnations,
    deaths: ledger.deaths,
    trouble: ledger.trouble,
    evidence: await fingerprints(directory),
  };
  for (const report of reports) write(directory, report.file, report.render(result));
  return result;
}

/** The history of a run, read once. */
export const ledgerOf = (
  directory: RunDirectory,
  description = readDescription(directory),
  journal = readJournal(directory.journal),
): Ledger => buildLedger(factsOf(description), journal, historySources(directory.history));

function factsOf(description: RunDescription): RunFacts {
  const scheduled: Record<string, number> = {};
  for (const { fault } of description.schedule) scheduled[fault] = (scheduled[fault] ?? 0) + 1;
  return {
    seed: description.seed,
    scenario: description.scenario.name,
    system: description.system.name,
    jobs: description.load.jobs,
    payloadBytes: leastTextBytes(description.load),
    attempts: description.load.retries.attempts,
    backoffMs: description.load.retries.backoffMs,
    priorities: Object.entries(description.load.priorities ?? {}).map(([name, { weight }]) => ({ name, weight })),
    tellsSettlements: description.system.tellsSettlements,
    bounds: { ...description.bounds, ...recoveryTerms(description.claims["recovery-bound"]) },
    claims: description.claims,
    concurrency: description.load.concurrency,
    producers: description.load.producers,
    scheduled,
    leftOut: description.leftOut.map(({ fault }) => fault),
    exercises: description.exercises,
    load: description.met,
  };
}

/** On average, of all jobs: short texts are next to nothing, and what is drawn from few words can be packed to it. */
function leastTextBytes({ payloadBytes, texts }: RunDescription["load"]): number {
  const { data } = z.object({ scripts: z.number().optional(), short: z.number().optional() }).safeParse(texts ?? {});
  return Math.floor(Number(payloadBytes ?? 0) * Math.max(0, 1 - (data?.scripts ?? 0) - (data?.short ?? 0)));
}

/** What the system claims in its own words goes before its bounds. */
function recoveryTerms(claim: Json | undefined): Partial<Bounds> {
  const { data } = z.object({ boundMs: z.number(), againMs: z.number().optional() }).safeParse(claim);
  return data === undefined ? {} : { recoveryMs: data.boundMs, againMs: data.againMs ?? data.boundMs };
}

function countJobs(ledger: Ledger): Result["jobs"] {
  const { columns, run } = ledger;
  const by = new Map<number, number>();
  let startedMoreThanOnce = 0;
  for (let job = 0; job < run.jobs; job++) {
    const outcome = columns.outcome[job] ?? outcomes.notSent;
    by.set(outcome, (by.get(outcome) ?? 0) + 1);
    if ((columns.starts[job] ?? 0) > 1 + (columns.failures[job] ?? 0)) startedMoreThanOnce++;
  }
  const count = (outcome: keyof typeof outcomes): number => by.get(outcomes[outcome]) ?? 0;
  const { counts } = fatesOf(ledger);
  return {
    planned: run.jobs,
    sent: run.jobs - count("notSent"),
    acknowledged: count("ok"),
    refused: count("refused"),
    unknown: count("unknown") + count("unanswered"),
    done: counts.done,
    dead: counts.dead,
    startedMoreThanOnce,
  };
}

/** SHA-256 of everything that was judged, as far as it is there. */
async function fingerprints(directory: RunDirectory): Promise<Record<string, string>> {
  const { journal, description, history } = directory;
  const names = existsSync(history) ? (await readdir(history)).toSorted().map((name) => join(history, name)) : [];
  const prints: Record<string, string> = {};
  for (const file of [journal, description, ...names].filter(existsSync)) {
    const hash = createHash("sha256");
    await pipeline(createReadStream(file), hash);
    prints[relative(directory.path, file)] = hash.digest("hex");
  }
  return prints;
}
