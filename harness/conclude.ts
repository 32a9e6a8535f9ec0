/**
 * From a run directory to its result and reports: holds the record against its checksums, reads the history once,
 * judges it, measures it, writes what is told.
 * Needs nothing but the directory and the catalogues, so a stored run is judged again, the same, anywhere.
 */
import { z } from "zod";
import { blindShareOf } from "../history/blind-share.ts";
import type { Bounds } from "../history/bounds.ts";
import { fatesOf } from "../history/fates.ts";
import { buildLedger } from "../history/ledger-builder.ts";
import { readJournal, readJournalFile, type JournalFile } from "../history/journal-file.ts";
import { outcomes, type Ledger, type RecordFacts, type RunFacts } from "../history/ledger.ts";
import { livesOf } from "../history/lives-of.ts";
import { historySources, type HistorySource } from "../history/reader.ts";
import type { Guarantee, Result } from "../reports/contract.ts";
import type { Json } from "../std/json.ts";
import { isThere } from "../std/plain-file.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import { answersText } from "./answers.ts";
import type { Catalogues } from "../catalogues/catalogues.ts";
import { readDescription, type RunDescription } from "./description.ts";
import { jobsMost } from "../scenarios/schema.ts";
import { historyBytesMost } from "./judging-room.ts";
import { excuse, today, type KnownFailure } from "./known-failures.ts";
import { journalName, readJson, sealName, write, type RunDirectory } from "./run-directory.ts";
import { compareRecord, RecordBent, recordSums, sealReports, type Compared } from "./seal.ts";
import { askedOf, judgeAsked, type AskedThreshold } from "./thresholds.ts";
import { isControl, judge, overall } from "./verdict.ts";

type Members = Pick<Catalogues, "checks" | "measures" | "reports">;

/** What is wanted beside the judgement itself. */
export interface Asking {
  /** That are known, wherever they are. */
  readonly failures?: readonly KnownFailure[];
  /** Beside those that it was run with. */
  readonly thresholds?: readonly string[];
  /** Told when not all reports can be written, such as for want of room. */
  readonly noteUnwritten?: (why: Error) => void;
}

/**
 * Judges the run and writes its reports beside it. A record that is not what was written is unknown.
 * @throws UserError when a report cannot be written, and nobody is to be told of it; for a threshold that cannot be
 * read, or is about what the run does not have
 * @throws RecordBent when not even what the run was is known
 */
export async function conclude(
  directory: RunDirectory,
  { checks, measures, reports }: Members,
  asking: Asking = {},
): Promise<Result> {
  const bytesMost = historyBytesMost(jobsPlanned(directory));
  const compared = await compareRecord(directory, bytesMost);
  const description = describedBy(directory, compared);
  const journal = readJournalFile(directory.journal);
  const record = factsOfRecord(description, journal, compared);
  const asked = withMore(description, asking.thresholds ?? [], measures);
  try {
    return await concludeFrom(directory, { checks, measures, reports }, asking, {
      description,
      asked,
      journal,
      record,
      compared,
      bytesMost,
    });
  } catch (thrown) {
    throw record.bent.length === 0 ? thrown : new RecordBent(directory, [...record.bent, messageOf(thrown)]);
  }
}

interface Read {
  readonly description: RunDescription;
  readonly asked: readonly AskedThreshold[];
  readonly journal: JournalFile;
  readonly record: RecordFacts;
  readonly compared: Compared;
  /** Of each file of its history. */
  readonly bytesMost: number;
}

async function concludeFrom(
  directory: RunDirectory,
  { checks, measures, reports }: Members,
  { failures = [], noteUnwritten }: Asking,
  { description, asked, journal: { lines: journal }, record, compared, bytesMost }: Read,
): Promise<Result> {
  const ledger = ledgerOf(directory, description, journal, record);
  const promises = judge(ledger, checks, description.claims, description.waives, compared.earlier?.guarantees);
  const speed = withLives(judgeAsked(ledger, asked, measures), ledger, historySources(directory.history));
  const guarantees = [...promises, ...speed];
  const judgement = overall(guarantees, isControl(ledger));
  const jobs = countJobs(ledger);
  const { known } = excuse({ ...judgement, guarantees, run: description }, failures, today());
  const result: Result = {
    format: 1,
    ...judgement,
    sentence: `${judgement.sentence} ${answersText(jobs)}`.trimEnd(),
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
      untaken: description.untaken,
    },
    environment: description.environment,
    guarantees,
    measures: measured(measures, ledger),
    jobs,
    blind: blindShareOf(ledger),
    phases: ledger.phases,
    incidents: ledger.incidents,
    processes: ledger.incarnations,
    deaths: ledger.deaths,
    trouble: ledger.trouble,
    // Of a record that is not over yet nothing is held against it later.
    evidence: compared.original ?? (record.checksums ? {} : await recordSums(directory, bytesMost)),
    record: {
      checksums: ledger.integrity.bent.length > 0 ? "differ" : record.checksums ? "agree" : "none",
      differences: ledger.integrity.bent,
      told: [...compared.told, ...unmeasured(compared, measures)],
    },
  };
  try {
    writeReports(directory, result, reports);
  } catch (thrown) {
    if (noteUnwritten === undefined || !(thrown instanceof UserError)) throw thrown;
    noteUnwritten(thrown); // the verdict is known all the same
  }
  return result;
}

const measured = (measures: Members["measures"], ledger: Ledger): Result["measures"] =>
  Object.fromEntries(
    Object.entries(measures).map(([name, one]) => [name, { about: one.about, measured: one.measure(ledger) }]),
  );

/** @throws UserError when one cannot be written */
function writeReports(directory: RunDirectory, result: Result, reports: Members["reports"]): void {
  const written = reports.map(({ file, render }) => [file, render(result)] as const);
  for (const [file, text] of written) write(directory, file, text);
  sealReports(directory, written);
}

/** What a run was asked for, and is asked now. */
function withMore(
  description: RunDescription,
  thresholds: readonly string[],
  measures: Members["measures"],
): readonly AskedThreshold[] {
  const before = description.thresholds;
  const priorities = Object.keys(description.load.priorities ?? {});
  const more = askedOf([], thresholds, measures, { priorities, hasFaults: description.schedule.length > 0 });
  return [...before, ...more.filter(({ text }) => !before.some((one) => one.text === text))];
}

/**
 * Jobs to which nothing happened but that they were slow have no life in the ledger: those that are told are read once
 * more.
 */
function withLives(
  guarantees: readonly Guarantee[],
  ledger: Ledger,
  sources: readonly HistorySource[],
): readonly Guarantee[] {
  const examples = guarantees.flatMap((one) => (one.verdict === "fail" ? one.examples : []));
  const plain = examples.flatMap(({ job, life }) => (job === undefined || life.length > 0 ? [] : [job]));
  if (plain.length === 0) return guarantees;
  const lives = livesOf(new Set(plain), ledger.origin, sources);
  return guarantees.map((one) =>
    one.verdict === "fail"
      ? {
          ...one,
          examples: one.examples.map((example) => ({ ...example, life: lives.get(example.job ?? -1) ?? example.life })),
        }
      : one,
  );
}

/** As run.json has it, whatever else is wrong with it: by how much there can be beside it. */
function jobsPlanned(directory: RunDirectory): number {
  try {
    const { data } = z
      .object({ load: z.object({ jobs: z.int().min(0).max(jobsMost) }) })
      .safeParse(readJson(directory.description));
    return data?.load.jobs ?? 0;
  } catch {
    return 0;
  }
}

/** @throws RecordBent when it is not what was written, UserError when it is no description of this version */
function describedBy(directory: RunDirectory, { bent, original }: Compared): RunDescription {
  const own = bent.filter((why) => why.startsWith("run.json "));
  if (own.length > 0) throw new RecordBent(directory, own);
  try {
    return readDescription(directory);
  } catch (thrown) {
    // Nothing says what it was, and something was there.
    const isRun = original?.["run.json"] === undefined && isThere(directory.journal);
    throw thrown instanceof UserError && isRun ? new RecordBent(directory, [thrown.message]) : thrown;
  }
}

/** The version of a record is told in each of its parts, so that none can be passed off as older than it is. */
function factsOfRecord({ format }: RunDescription, journal: JournalFile, { bent, sealed }: Compared): RecordFacts {
  const checksums = format === 2;
  const found = [...bent, ...journal.bent.map(({ line, why }) => `line ${line} of ${journalName} ${why}`)];
  if (checksums && !sealed)
    found.push(`${sealName} is not there, which is written when a run is over: this one was not, or it was removed`);
  if (!checksums && sealed) found.push(`run.json is of format ${format}, which has no ${sealName}`);
  if (journal.lines.length > 0 && journal.checksums !== checksums)
    found.push(`${journalName} has ${checksums ? "no " : ""}checksums, and run.json is of format ${format}`);
  return { bent: found, checksums };
}

const unmeasured = ({ earlier }: Compared, measures: Members["measures"]): readonly string[] =>
  (earlier?.measures ?? [])
    .filter((name) => measures[name] === undefined)
    .map((name) => `no measure in force has the name ${name}, of which the result before told`);

/** The history of a run, read once. */
export const ledgerOf = (
  directory: RunDirectory,
  description = readDescription(directory),
  journal = readJournal(directory.journal),
  record?: RecordFacts,
): Ledger => buildLedger(factsOf(description), journal, historySources(directory.history), record);

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
    repeats: description.load.repeats !== undefined,
    tellsSettlements: description.system.tellsSettlements,
    bounds: { ...description.bounds, ...recoveryTerms(description.claims["recovery-bound"]) },
    claims: description.claims,
    concurrency: description.load.concurrency,
    producers: description.load.producers,
    scheduled,
    plannedAt: Object.fromEntries(description.schedule.map(({ id, atMs }) => [id, atMs])),
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
    acknowledged: count("ok") + count("duplicate"),
    duplicates: count("duplicate"),
    refused: count("refused"),
    unknown: count("unknown") + count("unanswered"),
    done: counts.done,
    dead: counts.dead,
    startedMoreThanOnce,
  };
}
