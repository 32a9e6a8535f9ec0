/**
 * What the harness did, one JSON line each, written before the deed: processes, faults, phases, the scan. With the
 * binary records it is the whole truth of a run; another process can heal and stop everything from this file alone.
 * Times are CLOCK_MONOTONIC nanoseconds.
 */
import type { Json } from "../std/json.ts";
import type { ProcessIdentity } from "../std/process-identity.ts";
import type { Effect } from "./effects.ts";
import type { Role } from "./record.ts";
import type { Resource } from "./resource.ts";

/** What a run stands on, beside the system under test. */
export const ownParts = ["store", "proxy", "disk", "memory", "harness"] as const;
export type OwnPart = (typeof ownParts)[number];

/**
 * How the wait for the system to be empty ended; unseen: nothing moved any more, and what was left could not be looked
 * at.
 */
export const drainOutcomes = ["drained", "stuck", "late", "stopped", "unseen"] as const;
export type DrainOutcome = (typeof drainOutcomes)[number];

export type Phase = "load" | "heal" | "drain" | "scan" | "over";

/**
 * `seq` counts from 0 in each journal, so that a line that was lost is missed; those of before it was written have
 * none.
 */
export type JournalLine = { readonly at: number; readonly seq?: number } & (
  | { readonly type: "environment"; readonly handles: Json }
  | { readonly type: "phase"; readonly phase: Phase }
  /**
   * `slot` is the place in the fleet, `incarnation` this life of it: unique in the run, also the name of its history
   * file.
   */
  | {
      readonly type: "spawned";
      readonly identity: ProcessIdentity;
      readonly role: Role;
      readonly slot: number;
      readonly incarnation: number;
      /** Of the harness: what all that it starts or makes carries; earlier ones had none. */
      readonly mark?: string;
    }
  | { readonly type: "ready"; readonly incarnation: number }
  /** A helper such as a redis-server or a toxiproxy-server. */
  | { readonly type: "helper"; readonly identity: ProcessIdentity; readonly name: string; readonly directory?: string }
  /** Every container of the run, and their network, bears this label: on file before the first is made. */
  | { readonly type: "containers"; readonly label: string }
  /** The run's keys begin with it, in a store that outlives the run: on file before the first is written. */
  | {
      readonly type: "namespace";
      readonly name: string;
      readonly store: { readonly host: string; readonly port: number };
    }
  | {
      readonly type: "exited";
      readonly identity: ProcessIdentity;
      readonly code: number | null;
      readonly signal: string | null;
      /** Of its history file at that moment, if there was one: nothing is added to it any more. */
      readonly bytes?: number;
      /** The end of what it printed, oldest first; absent where it printed nothing. */
      readonly lastWords?: readonly string[];
    }
  /** Something of the run's own, or of its machine, was found not to be well, and no fault had made it so. */
  | {
      readonly type: "trouble";
      readonly of: OwnPart;
      /** A clause that names it, such as "the store's server was ended by SIGKILL". */
      readonly what: string;
      /** When it can first have begun: the last moment at which it was seen to be well. */
      readonly from: number;
    }
  | {
      readonly type: "arming";
      readonly id: string;
      readonly fault: string;
      readonly effect: Effect;
      readonly touches: readonly Resource[];
      readonly plan: Json;
      readonly handles: Json;
    }
  | { readonly type: "armed"; readonly id: string }
  | { readonly type: "bit"; readonly id: string; readonly evidence: Evidence }
  | { readonly type: "healed"; readonly id: string; readonly evidence: Evidence }
  | ({ readonly type: "connections" } & Connections)
  /** `why` it is unseen. */
  | { readonly type: "drain"; readonly outcome: DrainOutcome; readonly seconds: number; readonly why?: string }
  | {
      readonly type: "scanned";
      readonly finished: boolean;
      readonly agrees: boolean;
      readonly leftovers: readonly Leftover[];
      readonly why?: string;
    }
  | { readonly type: "stopped"; readonly why: string }
  /** The adapter did not do what its contract says: a sentence that names it. The run went on. */
  | { readonly type: "flaw"; readonly why: string }
);

export type Evidence =
  | { readonly proven: true; readonly facts: { readonly [name: string]: Json } }
  | { readonly proven: false; readonly why: string };

/**
 * A fact of a fault that ended the store, there where it is more than nothing: the last so many ms of what it had
 * answered.
 */
export const mayForgetMs = "mayForgetMs";

/** A fact of such a fault: the lives of the store's servers that it ended, with blanks between them. */
export const endedLives = "stopped";

/**
 * A fact of its heal: by the life of a server, after how many ms of the fault a write was sent that is still there. All
 * that the server had answered before that is there, too.
 */
export const keptMs = "keptMs";

/**
 * A producer or worker that could not write its history any more ends at once, with this code: nothing happens that is
 * not on file.
 */
export const unwritableCode = 74;

/**
 * A fact of a fault that takes hold of connections: `kernel` where those of the system itself were seen to be hit,
 * `probe` where only ours were.
 */
export const seenBy = "seenBy";

/**
 * Whom the processes of the run were connected to from the beginning of the load to its end, by looks once a second.
 */
export interface Connections {
  /** Where those reach it who have no links of their own. */
  readonly store: readonly string[];
  /** None where the machine does not tell. */
  readonly processes: readonly ProcessConnections[];
  /** By the store's own count, in all of its lives; absent where it does not tell. */
  readonly bytes?: { readonly taken: number; readonly given: number };
}

/** All processes of one slot; addresses are `host:port`. */
export interface ProcessConnections {
  readonly role: Role;
  readonly slot: number;
  /** Where its own links listen. */
  readonly links: readonly string[];
  /** Looks at it while it was ready, and those of them that saw it connected to the store, or to a link. */
  readonly looks: number;
  readonly connected: number;
  /** To the store itself in spite of its links, or through another's. */
  readonly past: readonly string[];
  readonly elsewhere: readonly string[];
  /**
   * Of what was open in those looks, by the kernel's count: to and from the store in any way, and elsewhere. Absent
   * where nobody counts.
   */
  readonly bytes?: { readonly sent: number; readonly received: number; readonly elsewhere: number };
}

/** Something that the system should not have kept: pending entries, locks, orphaned keys. */
export interface Leftover {
  readonly what: string;
  readonly count: number;
}

/** A line without its time and number, for each member of the union. */
export type JournalEntry = JournalLine extends infer Line
  ? Line extends unknown
    ? Omit<Line, "at" | "seq">
    : never
  : never;

/** Why lines of the journal of a run may be missing, undefined when none can be. */
export function journalFlaw(lines: readonly JournalLine[]): string | undefined {
  if (lines.length === 0) return "it has none";
  const numbered = lines.some(({ seq }) => seq !== undefined);
  const gap = numbered ? lines.findIndex(({ seq }, index) => seq !== index) : -1;
  if (gap !== -1) return `its line ${lines[gap]?.seq ?? "without a number"} stands where ${gap} should`;
  // The last deed of a harness, or of whoever cleaned up behind it.
  if (!lines.some((line) => line.type === "phase" && line.phase === "over")) return "it ends before the run was over";
  return undefined;
}
