/** Each process's life, put together from what the harness saw of it (journal) and what it wrote itself (its file). */
import type { FileFacts } from "./first-pass.ts";
import { unwritableCode, type JournalLine } from "./journal.ts";
import type { Incarnation, Integrity, Ledger } from "./ledger.ts";
import { hiccupNs, stallNs, type Role } from "./record.ts";

/** What the journal knows of one process. ns as recorded. */
interface Seen {
  readonly incarnation: number;
  readonly role: Role;
  readonly slot: number;
  readonly spawnedAt: number;
  ready: boolean;
  exit: Exit | undefined;
}

type Exit = Extract<JournalLine, { readonly type: "exited" }>;

/**
 * All processes, in the order of their incarnations, and those whose files may lack records. A process that was ended,
 * or crashed, needs no closing record: nothing that was to follow its last record has happened. How long its file was
 * then tells whether that is still its last.
 */
export function livesOfProcesses(
  journal: readonly JournalLine[],
  files: readonly FileFacts[],
  origin: number,
  endsAt: number,
): Pick<Ledger, "incarnations" | "hiccups"> & Pick<Integrity, "incomplete"> {
  const seen = seenIn(journal);
  const written = new Map(files.map((file) => [file.incarnation, file]));
  for (const file of files) if (!seen.has(file.incarnation)) seen.set(file.incarnation, unseen(file, endsAt));
  const incarnations: Incarnation[] = [];
  const hiccups = new Map<number, readonly Gap[]>();
  const incomplete: { incarnation: number; role: Role; why: string }[] = [];
  for (const process of [...seen.values()].sort((a, b) => a.incarnation - b.incarnation)) {
    const file = written.get(process.incarnation);
    const end = endOf(process, file);
    const exitedAt = process.exit?.at ?? (end === "closed" && file !== undefined ? file.lastAt : undefined);
    const why = lacks(process, file, end);
    // Without a file nothing shows that it ran.
    const silent = why === undefined ? [] : [{ from: process.spawnedAt, to: exitedAt ?? endsAt }];
    const gaps = file === undefined ? silent : gapsOf(file, exitedAt ?? endsAt);
    const since = gaps.map(({ from, to }) => ({ from: from - origin, to: to - origin }));
    hiccups.set(
      process.incarnation,
      since.filter((gap) => !isStall(gap)),
    );
    incarnations.push({
      incarnation: process.incarnation,
      role: process.role,
      slot: process.slot,
      spawnedAt: process.spawnedAt - origin,
      exitedAt: exitedAt === undefined ? undefined : exitedAt - origin,
      end,
      exit: process.exit && { code: process.exit.code, signal: process.exit.signal },
      stalls: since.filter(isStall),
    });
    if (why !== undefined) incomplete.push({ incarnation: process.incarnation, role: process.role, why });
  }
  // The harness is in every run, whatever the journal knows of it: what the final scan found is in its file.
  if (!files.some(isTheHarness)) incomplete.unshift({ incarnation: 0, role: "harness", why: noFile });
  return { incarnations, hiccups, incomplete };
}

type Gap = FileFacts["gaps"][number];
const isStall = ({ from, to }: Gap): boolean => to - from > stallNs;

const isTheHarness = ({ incarnation }: FileFacts): boolean => incarnation === 0;

function seenIn(journal: readonly JournalLine[]): Map<number, Seen> {
  const seen = new Map<number, Seen>();
  const byIdentity = new Map<string, Seen>();
  for (const line of journal) {
    if (line.type === "spawned") {
      const { incarnation, role, slot, at, identity } = line;
      const process: Seen = { incarnation, role, slot, spawnedAt: at, ready: false, exit: undefined };
      seen.set(incarnation, process);
      byIdentity.set(`${identity.pid} ${identity.startedAt}`, process);
    } else if (line.type === "ready") {
      const process = seen.get(line.incarnation);
      if (process !== undefined) process.ready = true;
    } else if (line.type === "exited") {
      const process = byIdentity.get(`${line.identity.pid} ${line.identity.startedAt}`);
      if (process !== undefined) process.exit ??= line;
    }
  }
  return seen;
}

/** A file that the journal does not announce: the harness's own. */
const unseen = (file: FileFacts, endsAt: number): Seen => ({
  incarnation: file.incarnation,
  role: file.author?.role ?? "harness",
  slot: 0,
  spawnedAt: Number.isNaN(file.firstAt) ? endsAt : file.firstAt,
  ready: true,
  exit: undefined,
});

function endOf(process: Seen, file: FileFacts | undefined): Incarnation["end"] {
  if (file?.closed) return "closed";
  if (process.exit === undefined) return "running";
  if (process.exit.signal !== null) return "killed";
  // Whoever ends well has written its closing record before: where it may just be lost, the code has to do.
  return process.exit.code === 0 && lacks(process, file, "closed") !== undefined ? "closed" : "crashed";
}

function lacks(process: Seen, file: FileFacts | undefined, end: Incarnation["end"]): string | undefined {
  const { exit, ready } = process;
  if (file === undefined) return ready || exit?.bytes !== undefined ? noFile : undefined;
  if (file.damage !== undefined) return file.damage;
  if (exit?.bytes !== undefined && exit.bytes !== file.bytes)
    return `it has ${file.bytes} bytes, and had ${exit.bytes} when its process ended`;
  if (exit?.code === unwritableCode) return "it could not be written any more";
  if (file.author === undefined && ready) return "it is empty";
  if (file.closed) return undefined;
  if (end === "running") return "it has no closing record, and nobody saw it end";
  if (end === "killed" || exit?.bytes !== undefined) return undefined;
  return `it ended by itself with code ${exit?.code} and without a closing record`;
}

const noFile = "it has no history file";

/**
 * Between its ticks, and from the last one to its end: a process that was paused until it was killed never ticks again.
 */
function gapsOf(file: FileFacts, endsAt: number): readonly Gap[] {
  const last = file.lastTickAt;
  return endsAt - last > hiccupNs ? [...file.gaps, { from: last, to: endsAt }] : file.gaps;
}
