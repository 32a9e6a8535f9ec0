/** The journal on disk: each line is in the kernel before the deed that it announces, and is checked when read back. */
import { existsSync, readFileSync, truncateSync } from "node:fs";
import { z } from "zod";
import { appendLine, readLines } from "../std/json-lines.ts";
import { UserError } from "../std/user-error.ts";
import type { Clock } from "../std/clock.ts";
import { effectNames } from "./effects.ts";
import { drainOutcomes, ownParts, type JournalEntry, type JournalLine, type Resource } from "./journal.ts";

export interface Journal {
  /** On file when it returns. */
  write(entry: JournalEntry): void;
}

/** Goes on where an earlier journal of the same file ended: a line that a crash tore off there is cut away first. */
export function openJournal(file: string, clock: Clock): Journal {
  if (existsSync(file)) truncateSync(file, readFileSync(file).lastIndexOf("\n") + 1);
  let seq = readLines(file).length;
  return { write: (entry) => appendLine(file, { at: clock.nowNs(), seq: seq++, ...entry }) };
}

/**
 * Oldest first; an absent file has no lines, and a line that was torn off at the end is none.
 * @throws UserError naming the line that is not ours
 */
export const readJournal = (file: string): readonly JournalLine[] =>
  readLines(file).map((value, index) => {
    const line = journalLine.safeParse(value);
    if (line.success) return line.data;
    const [issue] = line.error.issues;
    throw new UserError(`line ${index + 1} of ${file} is not a journal's: ${issue?.path.join(".")} ${issue?.message}`);
  });

const identity = z.object({ pid: z.number(), startedAt: z.string() });
const role = z.enum(["producer", "worker", "harness"]);
const resource = z.custom<Resource>(
  (value) =>
    typeof value === "string" && /^(store|clock:store|((link|clock):)?(producer|worker|harness):\d+)$/.test(value),
);
const evidence = z.union([
  z.object({ proven: z.literal(true), facts: z.record(z.string(), z.json()) }),
  z.object({ proven: z.literal(false), why: z.string() }),
]);
const leftover = z.object({ what: z.string(), count: z.number() });
const processConnections = z.object({
  role,
  slot: z.number(),
  links: z.array(z.string()),
  looks: z.number(),
  connected: z.number(),
  past: z.array(z.string()),
  elsewhere: z.array(z.string()),
  bytes: z.object({ sent: z.number(), received: z.number(), elsewhere: z.number() }).exactOptional(),
});
/** What every line has. */
const stamp = { at: z.number(), seq: z.int().nonnegative().exactOptional() };

const journalLine: z.ZodType<JournalLine> = z.discriminatedUnion("type", [
  z.object({ ...stamp, type: z.literal("environment"), handles: z.json() }),
  z.object({ ...stamp, type: z.literal("phase"), phase: z.enum(["load", "heal", "drain", "scan", "over"]) }),
  z.object({ ...stamp, type: z.literal("spawned"), identity, role, slot: z.number(), incarnation: z.number() }),
  z.object({ ...stamp, type: z.literal("ready"), incarnation: z.number() }),
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
  z.object({ ...stamp, type: z.literal("trouble"), of: z.enum(ownParts), what: z.string(), from: z.number() }),
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
    seconds: z.number(),
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
