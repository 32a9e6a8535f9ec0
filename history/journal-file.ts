/**
 * The journal on disk: each line is in the kernel before the deed that it announces, and is checked when read back. A
 * line ends with a checksum over it and the one before it, so that what was changed, removed, exchanged or put in does
 * not fit.
 */
import { createHash } from "node:crypto";
import { appendFileSync, truncateSync } from "node:fs";
import { z } from "zod";
import { parseJson } from "../std/json.ts";
import { isThere, readPlain } from "../std/plain-file.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import type { Clock } from "../std/clock.ts";
import { effectNames } from "./effects.ts";
import { drainOutcomes, ownParts, type JournalEntry, type JournalLine } from "./journal.ts";
import { namesOf, roles } from "./record.ts";
import { isResource, type Resource } from "./resource.ts";

export interface Journal {
  /** On file when it returns. */
  write(entry: JournalEntry): void;
}

/** What a journal file turned out to be. */
export interface JournalFile {
  /** Those that are what was written, oldest first. */
  readonly lines: readonly JournalLine[];
  /** Which lines are not, counted from 1, and how that shows. */
  readonly bent: readonly { readonly line: number; readonly why: string }[];
  /** Lines have them; those of earlier runs have none. */
  readonly checksums: boolean;
}

/** A day of faults has a hundredth of it. */
const bytesMost = 32 << 20;

/**
 * Goes on where an earlier journal of the same file ended: a line that a crash tore off there is cut away first, and
 * one that had no checksums gets none.
 */
export function openJournal(file: string, clock: Clock): Journal {
  const text = isThere(file) ? readPlain(file, bytesMost) : Buffer.alloc(0);
  const end = text.lastIndexOf("\n") + 1;
  if (end < text.length) truncateSync(file, end);
  const last = wholeLines(text.toString("utf8", 0, end));
  let seq = last.length;
  let before = last.length === 0 ? "" : sealOf(last.at(-1) ?? "")?.sum;
  return {
    write(entry) {
      const line = { at: clock.nowNs(), seq, ...entry };
      const sealed = before === undefined ? { text: JSON.stringify(line), sum: undefined } : sealLine(line, before);
      appendFileSync(file, `${sealed.text}\n`);
      seq++;
      before = sealed.sum;
    },
  };
}

/** @param before the checksum of the line before it, empty for the first */
export function sealLine(line: JournalLine, before: string): { readonly text: string; readonly sum: string } {
  const content = JSON.stringify(line).slice(0, -1);
  const sum = sumOf(content, before);
  return { text: `${content},"sum":"${sum}"}`, sum };
}

/**
 * Oldest first; an absent file has no lines, and a line that was torn off at the end is none.
 * @throws UserError naming the line that is not ours, or not what was written; NotPlain when it is no file
 */
export const readJournal = (file: string): readonly JournalLine[] =>
  isThere(file) ? journalIn(readPlain(file, bytesMost).toString("utf8"), file) : [];

/** The same of what was read already. */
export function journalIn(text: string, file: string): readonly JournalLine[] {
  const { lines, bent } = linesIn(text);
  if (bent[0] !== undefined) throw new UserError(`line ${bent[0].line} of ${file} ${bent[0].why}`);
  return lines;
}

/** The same for whoever judges what is left. */
export function readJournalFile(file: string): JournalFile {
  try {
    return linesIn(readPlain(file, bytesMost).toString("utf8"));
  } catch (thrown) {
    return { lines: [], bent: [{ line: 1, why: `cannot be read: ${messageOf(thrown)}` }], checksums: false };
  }
}

function linesIn(text: string): JournalFile {
  const lines: JournalLine[] = [];
  const bent: { readonly line: number; readonly why: string }[] = [];
  const whole = wholeLines(text);
  const checksums = whole.some((line) => sealOf(line) !== undefined);
  let before = "";
  for (const [index, content] of whole.entries()) {
    const seal = sealOf(content);
    const fits = seal === undefined ? !checksums : sumOf(seal.content, before) === seal.sum;
    // What follows is held against what this line says of itself: so one bad line is told as one.
    before = seal?.sum ?? before;
    const read = fits ? parsed(content) : "does not fit its checksum and the line before it";
    if (typeof read === "string") bent.push({ line: index + 1, why: read });
    else lines.push(read);
  }
  return { lines, bent, checksums };
}

/** Or why it is none. */
function parsed(text: string): JournalLine | string {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return "is damaged: it is no JSON";
  }
  const line = journalLine.safeParse(value);
  if (line.success) return line.data;
  const [issue] = line.error.issues;
  return `is not a journal's: ${issue?.path.join(".")} ${issue?.message}`;
}

/** What follows the last line feed is empty or torn. */
const wholeLines = (text: string): readonly string[] =>
  text
    .split("\n")
    .slice(0, -1)
    .filter((line) => line !== "");

/** A line's content and the checksum at its end; undefined where it has none. */
function sealOf(line: string): { readonly content: string; readonly sum: string } | undefined {
  const [, content, sum] = /^(.*),"sum":"([0-9a-f]{16})"\}$/s.exec(line) ?? [];
  return content === undefined || sum === undefined ? undefined : { content, sum };
}

/** So much of a SHA-256 that nothing gets past it by chance. */
const sumOf = (content: string, before: string): string =>
  createHash("sha256").update(before).update(content).digest("hex").slice(0, 16);

const count = z.int().nonnegative();
/** ns, as a moment or as a length of time: exact for 104 days. */
const ns = z.number().gte(-Number.MAX_SAFE_INTEGER).lte(Number.MAX_SAFE_INTEGER);
const place = count.max(0xffff);
const incarnation = count.max(0xffffffff);
const identity = z.object({ pid: z.int(), startedAt: z.string() });
const role = z.enum(namesOf(roles));
const resource = z.custom<Resource>(isResource);
const evidence = z.union([
  z.object({ proven: z.literal(true), facts: z.record(z.string(), z.json()) }),
  z.object({ proven: z.literal(false), why: z.string() }),
]);
const leftover = z.object({ what: z.string(), count });
const processConnections = z.object({
  role,
  slot: place,
  links: z.array(z.string()),
  looks: count,
  connected: count,
  past: z.array(z.string()),
  elsewhere: z.array(z.string()),
  bytes: z.object({ sent: z.number(), received: z.number(), elsewhere: z.number() }).exactOptional(),
});
/** What every line has. */
const stamp = { at: ns, seq: z.int().nonnegative().exactOptional() };

const journalLine: z.ZodType<JournalLine> = z.discriminatedUnion("type", [
  z.object({ ...stamp, type: z.literal("environment"), handles: z.json() }),
  z.object({ ...stamp, type: z.literal("phase"), phase: z.enum(["load", "heal", "drain", "scan", "over"]) }),
  z.object({
    ...stamp,
    type: z.literal("spawned"),
    identity,
    role,
    slot: place,
    incarnation,
    mark: z.string().exactOptional(),
  }),
  z.object({ ...stamp, type: z.literal("ready"), incarnation }),
  z.object({ ...stamp, type: z.literal("helper"), identity, name: z.string(), directory: z.string().exactOptional() }),
  z.object({ ...stamp, type: z.literal("containers"), label: z.string() }),
  z.object({
    ...stamp,
    type: z.literal("namespace"),
    name: z.string().regex(/^whitewater-[\w.-]+$/),
    store: z.object({ host: z.string(), port: z.number() }),
  }),
  z.object({
    ...stamp,
    type: z.literal("exited"),
    identity,
    code: z.number().nullable(),
    signal: z.string().nullable(),
    bytes: z.int().nonnegative().exactOptional(),
    lastWords: z.array(z.string()).exactOptional(),
  }),
  z.object({ ...stamp, type: z.literal("trouble"), of: z.enum(ownParts), what: z.string(), from: ns }),
  z.object({
    ...stamp,
    type: z.literal("arming"),
    id: z.string(),
    fault: z.string(),
    effect: z.enum(effectNames),
    touches: z.array(resource),
    plan: z.json(),
    handles: z.json(),
  }),
  z.object({ ...stamp, type: z.literal("armed"), id: z.string() }),
  z.object({ ...stamp, type: z.literal("bit"), id: z.string(), evidence }),
  z.object({ ...stamp, type: z.literal("healed"), id: z.string(), evidence }),
  z.object({
    ...stamp,
    type: z.literal("connections"),
    store: z.array(z.string()),
    processes: z.array(processConnections),
    bytes: z.object({ taken: z.number(), given: z.number() }).exactOptional(),
  }),
  z.object({
    ...stamp,
    type: z.literal("drain"),
    outcome: z.enum(drainOutcomes),
    seconds: z.number().nonnegative(),
    why: z.string().exactOptional(),
  }),
  z.object({
    ...stamp,
    type: z.literal("scanned"),
    finished: z.boolean(),
    agrees: z.boolean(),
    leftovers: z.array(leftover),
    why: z.string().exactOptional(),
  }),
  z.object({ ...stamp, type: z.literal("stopped"), why: z.string() }),
  z.object({ ...stamp, type: z.literal("flaw"), why: z.string() }),
]);
