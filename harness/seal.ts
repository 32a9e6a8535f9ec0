/**
 * `record.sha256`: the checksums of a run's record as it was when the run was over, written once and never again, so
 * that a record that was changed since is told from one that was not. `reports.sha256` has those of what was made of
 * it, and is written anew with them. Both are what `sha256sum -c` takes; the last line is a checksum of the others.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { isPlainDirectory, isThere, namesIn, openPlain, readPlain } from "../std/plain-file.ts";
import { messageOf } from "../std/user-error.ts";
import { historyBytesMost } from "./judging-room.ts";
import { readJson, sealName, write, type RunDirectory } from "./run-directory.ts";

/** What a run was can no longer be read from its record, so that nothing of it can be judged: that is unknown. */
export class RecordBent extends Error {
  override readonly name = "RecordBent";
  constructor(directory: RunDirectory, why: readonly string[]) {
    super(
      `nothing is known of the run in ${directory.path}, since its record is not what was written: ${why.join("; ")}`,
    );
  }
}

/** SHA-256 by the name of a file, as from the run's directory. */
export type Sums = Readonly<Record<string, string>>;

const reportsName = "reports.sha256";
/** Of the one report that is read again. */
const resultName = "result.json";
const logs = "logs";

/** What a stored run is held against before it is judged. */
export interface Compared {
  /** As they were when the run was over; undefined where nothing says so. */
  readonly original: Sums | undefined;
  /** `record.sha256` is there. */
  readonly sealed: boolean;
  /** What of the record is not what was written: clauses that name the file. */
  readonly bent: readonly string[];
  /** The same of what nothing is judged by. */
  readonly told: readonly string[];
  readonly earlier: Earlier | undefined;
}

/** What the result of before says; undefined parts where it does not. */
export interface Earlier {
  readonly evidence: Sums | undefined;
  /** Names of guarantees and measures; none where the file is not what was written. */
  readonly guarantees: readonly { readonly name: string; readonly claimed: boolean }[];
  readonly measures: readonly string[];
}

/** To be called once, when nothing is added to the record any more. A run that never came to be described has none. */
export async function sealRecord(directory: RunDirectory): Promise<void> {
  if (!isThere(directory.description) || isThere(directory.file(sealName))) return;
  const sums = await sumsOf(directory, [...recordNames(directory), ...logNames(directory)], Number.POSITIVE_INFINITY);
  write(directory, sealName, listOf(sums));
}

/** Of reports that were just written. */
export function sealReports(
  directory: RunDirectory,
  reports: readonly (readonly [file: string, text: string])[],
): void {
  const sums = reports.map(([file, text]) => [file, createHash("sha256").update(text).digest("hex")] as const);
  write(directory, reportsName, listOf(Object.fromEntries(sums)));
}

/** @param bytesMost of each file: what is longer was not written by the run, and is not read */
export async function compareRecord(directory: RunDirectory, bytesMost = historyBytesMost(0)): Promise<Compared> {
  const bent: string[] = [];
  const told: string[] = [];
  const seal = readList(directory, sealName);
  if (seal?.flaw !== undefined) bent.push(`${sealName} ${seal.flaw}`);
  const names = recordNames(directory);
  const actual = await sumsOf(directory, names, bytesMost);

  const reports = readList(directory, reportsName);
  if (reports?.flaw !== undefined) told.push(`${reportsName} ${reports.flaw}`);
  const changed =
    reports === undefined
      ? []
      : differences(reports.sums, await sumsOf(directory, Object.keys(reports.sums), bytesMost), reportsName);
  told.push(...changed.map(({ what }) => what));
  const isTrusted = !changed.some(({ file }) => file === resultName);
  const earlier = readEarlier(directory, isTrusted);
  if (earlier === undefined && isThere(directory.file(resultName)))
    told.push(`${resultName} cannot be read as a result`);
  if (seal !== undefined && reports === undefined && earlier !== undefined) told.push(`${reportsName} is gone`);

  if (seal !== undefined) {
    const [ofLogs, ofRecord] = [isLog, (file: string) => !isLog(file)].map((is) => only(seal.sums, is));
    bent.push(...differences(ofRecord ?? {}, actual, sealName).map(({ what }) => what));
    told.push(
      ...differences(ofLogs ?? {}, await sumsOf(directory, Object.keys(ofLogs ?? {}), bytesMost), sealName).map(
        ({ what }) => what,
      ),
    );
    if (earlier?.evidence !== undefined) bent.push(...contradictions(earlier.evidence, ofRecord ?? {}));
  } else if (earlier?.evidence !== undefined) {
    bent.push(...differences(earlier.evidence, actual, resultName).map(({ what }) => what));
  }
  const original = earlier?.evidence ?? (seal && only(seal.sums, (file) => !isLog(file)));
  return { original, sealed: seal !== undefined, bent, told, earlier };
}

/** Of all that is judged by, as far as it is there. */
export const recordSums = (directory: RunDirectory, bytesMost: number): Promise<Sums> =>
  sumsOf(directory, recordNames(directory), bytesMost);

const isLog = (file: string): boolean => file.startsWith(`${logs}/`);

const only = (sums: Sums, is: (file: string) => boolean): Sums =>
  Object.fromEntries(Object.entries(sums).filter(([file]) => is(file)));

/** Of the files of one run. */
const filesMost = 100_000;

const namesOf = (directory: RunDirectory, folder: string): readonly string[] =>
  namesIn(directory.file(folder), filesMost).map((name) => `${folder}/${name}`);

const recordNames = (directory: RunDirectory): readonly string[] =>
  ["journal.jsonl", "run.json"].filter((name) => isThere(directory.file(name))).concat(namesOf(directory, "history"));

const logNames = (directory: RunDirectory): readonly string[] => namesOf(directory, logs);

/** One that cannot be read has the reason instead; one that is not there has none. */
async function sumsOf(directory: RunDirectory, names: readonly string[], bytesMost: number): Promise<Sums> {
  const sums: Record<string, string> = {};
  for (const name of names) {
    const file = directory.file(name);
    if (!isThere(file) || isBehindLink(directory, name)) continue;
    try {
      sums[name] = await sumOfFile(file, bytesMost);
    } catch (thrown) {
      sums[name] = `cannot be read: ${messageOf(thrown)}`;
    }
  }
  return sums;
}

async function sumOfFile(file: string, bytesMost: number): Promise<string> {
  using plain = openPlain(file);
  if (plain.bytes > bytesMost) throw new Error(`it has ${plain.bytes} bytes, and no run leaves more than ${bytesMost}`);
  const hash = createHash("sha256");
  if (plain.bytes > 0) {
    // As long as it is now: what is added meanwhile is none of it.
    const all = { fd: plain.descriptor, autoClose: false, start: 0, end: plain.bytes - 1, highWaterMark: 1 << 20 };
    await pipeline(createReadStream(file, all), hash);
  }
  return hash.digest("hex");
}

/** A folder that is a link leads to what is not the run's. */
const isBehindLink = (directory: RunDirectory, name: string): boolean => {
  const [folder, inside] = name.split("/");
  return inside !== undefined && !isPlainDirectory(directory.file(folder ?? ""));
};

interface Difference {
  readonly file: string;
  readonly what: string;
}

function differences(listed: Sums, actual: Sums, list: string): readonly Difference[] {
  const told = (file: string, how: string): Difference => ({ file, what: `${file} ${how}` });
  const found: Difference[] = [];
  for (const [file, sum] of Object.entries(listed)) {
    const now = actual[file];
    if (now === undefined) found.push(told(file, "is gone"));
    else if (now !== sum)
      found.push(told(file, now.length === sum.length ? `is not what ${list} says that was written` : now));
  }
  for (const file of Object.keys(actual)) if (listed[file] === undefined) found.push(told(file, `is not in ${list}`));
  return found;
}

/** Where the two lists that were written of one record do not agree, one of them was changed. */
const contradictions = (evidence: Sums, seal: Sums): readonly string[] =>
  [...new Set([...Object.keys(evidence), ...Object.keys(seal)])]
    .filter((file) => evidence[file] !== seal[file])
    .map((file) => `${sealName} and ${resultName} do not agree about ${file}`);

/** Lines of `<sha-256>  <name>`, and one more that `sha256sum` takes for a comment. */
function listOf(sums: Sums): string {
  const lines = Object.entries(sums).map(([file, sum]) => `${sum}  ${file}\n`);
  return `${lines.join("")}# ${sumOfText(lines.join(""))}\n`;
}

const sumOfText = (text: string): string => createHash("sha256").update(text).digest("hex");

const listBytesMost = 16 << 20;

function readList(
  directory: RunDirectory,
  name: string,
): { readonly sums: Sums; readonly flaw: string | undefined } | undefined {
  const file = directory.file(name);
  if (!isThere(file)) return undefined;
  let text: string;
  try {
    text = readPlain(file, listBytesMost).toString("utf8");
  } catch (thrown) {
    return { sums: {}, flaw: `cannot be read: ${messageOf(thrown)}` };
  }
  const sums: Record<string, string> = {};
  for (const [, sum, listed] of text.matchAll(/^([0-9a-f]{64}) {2}((?:\w+\/)?[\w.-]+)$/gm))
    if (sum !== undefined && listed !== undefined) sums[listed] = sum;
  const [, content, own] = /^(.*)# ([0-9a-f]{64})\n$/s.exec(text) ?? [];
  return { sums, flaw: content !== undefined && own === sumOfText(content) ? undefined : "is not what was written" };
}

const result = z.object({
  evidence: z.record(z.string(), z.string()),
  guarantees: z.array(z.object({ name: z.string(), claimed: z.boolean(), threshold: z.unknown().optional() })),
  measures: z.record(z.string(), z.unknown()),
});

function readEarlier(directory: RunDirectory, isTrusted: boolean): Earlier | undefined {
  const file = directory.file(resultName);
  if (!isThere(file)) return undefined;
  try {
    const { evidence, guarantees, measures } = result.parse(readJson(file));
    return {
      evidence: Object.keys(evidence).length === 0 ? undefined : evidence,
      // A threshold is no check's: the run itself says which it was asked for.
      guarantees: isTrusted ? guarantees.filter(({ threshold }) => threshold === undefined) : [],
      measures: isTrusted ? Object.keys(measures) : [],
    };
  } catch {
    return undefined;
  }
}
