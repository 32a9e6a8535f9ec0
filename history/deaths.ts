/**
 * Which ends of producers and workers the run itself had planned, and which came by themselves. Planned are a kill by a
 * fault, whatever follows a fault's request to stop, the end by a job whose script kills its worker, and the orderly
 * stop. So is the end of one that could not begin while a fault was in force on it: who finds no store may give up, and
 * is followed.
 */
import { unwritableCode, type JournalLine } from "./journal.ts";
import type { Death, Exit, Incarnation, Incident } from "./ledger.ts";

export interface Plans {
  readonly incidents: readonly Incident[];
  /** ns since origin: from then on the harness asks everybody to go, and kills who does not. */
  readonly stopsFrom: number;
  /** Whether it had said that it was ready to work. */
  wasReady(incarnation: number): boolean;
  /** Whether that process had started a job that ends it. Asked only where nothing else explains a SIGKILL. */
  startedKiller(incarnation: number): boolean;
}

/** The unplanned ones, in order of time. */
export function deathsOf(
  incarnations: readonly Incarnation[],
  plans: Plans,
  lastWords: ReadonlyMap<number, readonly string[]>,
): readonly Death[] {
  return incarnations
    .flatMap((process): readonly Death[] => {
      const { incarnation, role, slot, exitedAt, exit } = process;
      if (role === "harness" || exitedAt === undefined || exit === undefined) return [];
      // Of our own doing: that its file lacks records says it.
      if (exit.code === unwritableCode) return [];
      if (isPlanned(process, exitedAt, exit, plans)) return [];
      const by = exit.signal === null || ownSignals.has(exit.signal) ? "itself" : "outside";
      return [{ incarnation, role, slot, at: exitedAt, ...exit, by, lastWords: lastWords.get(incarnation) ?? [] }];
    })
    .toSorted((a, b) => a.at - b.at);
}

function isPlanned({ incarnation }: Incarnation, at: number, { signal }: Exit, plans: Plans): boolean {
  // How it goes when it is asked to is for others to say, unless it breaks down meanwhile.
  if (at >= plans.stopsFrom) return signal === null || !ownSignals.has(signal);
  const hits = plans.incidents.filter(({ incarnations, from }) => incarnations.includes(incarnation) && from <= at);
  if (hits.some(({ effect }) => effect === "asked-to-stop")) return true;
  if (!plans.wasReady(incarnation) && hits.some(({ to }) => at <= to)) return true;
  if (signal !== null && !ownSignals.has(signal) && hits.some(({ effect, to }) => effect === "killed" && at <= to))
    return true;
  return signal === "SIGKILL" && plans.startedKiller(incarnation);
}

/** What a process gets for its own deeds: exhausted memory, a crash in native code, a write into a closed pipe. */
const ownSignals: ReadonlySet<string> = new Set([
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGILL",
  "SIGPIPE",
  "SIGSEGV",
  "SIGSYS",
  "SIGTRAP",
]);

/** ns as recorded: when the harness began to ask everybody to go; the end of the journal where it never did. */
export const stopsFrom = (journal: readonly JournalLine[]): number =>
  journal.find(
    (line) =>
      line.type === "drain" || line.type === "stopped" || (line.type === "phase" && /^(scan|over)$/.test(line.phase)),
  )?.at ?? Number.POSITIVE_INFINITY;

/** By incarnation, what the harness kept of its output when it ended. */
export function lastWordsIn(journal: readonly JournalLine[]): ReadonlyMap<number, readonly string[]> {
  const holders = new Map<string, number>();
  const words = new Map<number, readonly string[]>();
  for (const line of journal) {
    if (line.type === "spawned") holders.set(keyOf(line), line.incarnation);
    if (line.type !== "exited" || line.lastWords === undefined) continue;
    const incarnation = holders.get(keyOf(line));
    if (incarnation !== undefined) words.set(incarnation, line.lastWords);
  }
  return words;
}

const keyOf = ({ identity }: Extract<JournalLine, { readonly type: "spawned" | "exited" }>): string =>
  `${identity.pid} ${identity.startedAt}`;
