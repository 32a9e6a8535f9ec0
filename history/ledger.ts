/**
 * The history read once into columns per job: what every check and measure judges. Pure data; no way back to files.
 * Ten million jobs fit into 512 MiB, so there is no object per job: only exceptional jobs have their life kept whole.
 */
import type { Json } from "../std/json.ts";
import type { Activity } from "./activity.ts";
import type { Bounds } from "./bounds.ts";
import type { Effect } from "./effects.ts";
import type { Connections, DrainOutcome, Evidence, Leftover, OwnPart } from "./journal.ts";
import type { Resource } from "./resource.ts";
import type { Moment } from "./moments.ts";
import type { Kind, Role } from "./record.ts";
import type { ProcessorTime } from "./processor-time.ts";
import type { Receipts } from "./receipts.ts";
import type { StoreClock } from "./store-clock.ts";

/** Times in columns: tens of microseconds since `origin`; `never` where it did not happen. 11.9 hours fit. */
export const tickNs = 10_000;
export const ticksPerSecond = 1e9 / tickNs;
/** Whole seconds since the origin. */
export const secondOf = (ticks: number): number => (ticks / ticksPerSecond) >>> 0;
export const never = 0xffffffff;
/** From the beginning of the load: what happens later than that cannot be told apart. */
export const spanSeconds = Math.floor((never * tickNs) / 1e9) - 1;

/** `duplicate`: acknowledged, as a job that was written before under the same caller's key. */
export const outcomes = { notSent: 0, unanswered: 1, ok: 2, refused: 3, unknown: 4, duplicate: 5 } as const;

export const isAcknowledged = (outcome: number | undefined): boolean =>
  outcome === outcomes.ok || outcome === outcomes.duplicate;

export interface Columns {
  /** By job. `outcomes` of its enqueue. */
  readonly outcome: Uint8Array;
  readonly intendedAt: Uint32Array;
  readonly sentAt: Uint32Array;
  readonly answeredAt: Uint32Array;
  /** Starts of its handler, 255 for more. */
  readonly starts: Uint8Array;
  readonly firstStartAt: Uint32Array;
  /** By which incarnation; 0 where it was never started, or by one of a number above 255. */
  readonly startedBy: Uint8Array;
  readonly ends: Uint8Array;
  readonly lastEndAt: Uint32Array;
  readonly failures: Uint8Array;
  /** Accepted terminal settlements as done, and as dead. */
  readonly acceptedDone: Uint8Array;
  readonly acceptedDead: Uint8Array;
  readonly settledAt: Uint32Array;
  /** `places` bits of the final scan. */
  readonly place: Uint8Array;
  /** The seeded script: attempts that will fail (`alwaysFails`: all). */
  readonly plannedFailures: Uint16Array;
  /** How long it must not start after its enqueue: tens of milliseconds, 0 for at once. 655 s fit. */
  readonly delay: Uint16Array;
  /** The number of its priority, from 1 in the order of `RunFacts.priorities`. Empty where there are none. */
  readonly priority: Uint8Array;
  /** The job under whose key it was enqueued again; `never` where it has its own. Empty where nothing is repeated. */
  readonly repeats: Uint32Array;
  /** A print of the id that its enqueue was told, 0 for none. Empty where nothing is repeated. */
  readonly told: Uint32Array;
}

/** Of one unit of `Columns.delay`. */
export const delayUnitMs = 10;

/** What the system said it still had to do. */
export interface DepthSample {
  /** ns since origin: when the question began, and when the answer was there. */
  readonly from: number;
  readonly to: number;
  readonly depth: number;
}

export interface LifeEvent {
  /** ns since `origin`. */
  readonly at: number;
  readonly kind: Kind;
  readonly incarnation: number;
  readonly attempt: number;
  readonly code: number;
  readonly micros: number;
}

/** How a process ended: one of the two is null. */
export interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The end of a producer or worker that was none of the run's doing: no fault, no job's script, no request to stop. */
export interface Death extends Exit {
  readonly incarnation: number;
  readonly role: Role;
  readonly slot: number;
  /** ns since origin. */
  readonly at: number;
  /**
   * `itself`: it exited, or ended for what it did, as when its heap was exhausted. `outside`: by a signal that others
   * send.
   */
  readonly by: "itself" | "outside";
  /** The end of what it printed, oldest first. */
  readonly lastWords: readonly string[];
}

/** What was found wrong with a part of the run itself, or with its machine, that no fault had made. */
export interface OwnTrouble {
  readonly of: OwnPart;
  /** A clause that names it. */
  readonly what: string;
  /** ns since origin: when it can first have begun. */
  readonly from: number;
}

export interface SampledStart extends Moment {
  readonly job: number;
}

/** One process from its start to its end, ns since origin. */
export interface Incarnation {
  readonly incarnation: number;
  readonly role: Role;
  readonly slot: number;
  readonly spawnedAt: number;
  readonly exitedAt: number | undefined;
  /** Killed by a signal that the harness did not send as part of an orderly stop counts as killed. */
  readonly end: "closed" | "killed" | "crashed" | "running";
  /** As the harness saw it; undefined where it did not. */
  readonly exit: Exit | undefined;
  /** Gaps between ticks longer than `stallNs`: it did not run. */
  readonly stalls: readonly { readonly from: number; readonly to: number }[];
}

/** A fault in force, ns since origin: from before it was armed until it was proven over. */
export interface Incident {
  readonly id: string;
  readonly fault: string;
  readonly effect: Effect;
  readonly touches: readonly Resource[];
  /** The processes that it hit: those in the touched slots at the time, all of them where the store was touched. */
  readonly incarnations: readonly number[];
  readonly from: number;
  readonly to: number;
  readonly bit: Evidence | undefined;
  readonly healed: Evidence | undefined;
}

export interface Phases {
  readonly loadFrom: number;
  readonly loadTo: number;
  readonly drainFrom: number;
  readonly drainTo: number;
}

/** Counted per second of the run; index 0 is the first second after `origin`. */
export interface Rates {
  readonly intended: Uint32Array;
  readonly acknowledged: Uint32Array;
  readonly started: Uint32Array;
  readonly ended: Uint32Array;
  readonly failed: Uint32Array;
  readonly settled: Uint32Array;
}

/** What is known of a record beside what stands in it. */
export interface RecordFacts {
  /** What of it is not what was written: clauses that name the file. */
  readonly bent: readonly string[];
  /** It is of a format that has checksums. */
  readonly checksums: boolean;
}

export interface Integrity {
  /** What of the record is not what was written: clauses that name it. Then nothing is known, whatever stands there. */
  readonly bent: readonly string[];
  /** Why lines of the journal may be missing, undefined when none can be. */
  readonly journal: string | undefined;
  /**
   * Files whose records may be missing: the file is gone, shorter than it was, has a gap, or nobody knows how its
   * process ended.
   */
  readonly incomplete: readonly { readonly incarnation: number; readonly role: Role; readonly why: string }[];
  readonly records: number;
}

/** What the run was, as far as judging needs it. From run.json. */
export interface RunFacts {
  readonly seed: string;
  readonly scenario: string;
  readonly system: string;
  /** Jobs of the plan: ids 0 to jobs - 1. */
  readonly jobs: number;
  /** Of each job on average, at the least; 0 where it is not known. */
  readonly payloadBytes: number;
  readonly attempts: number;
  /** The wait before a job's first retry; a system may let it grow with each. */
  readonly backoffMs: number;
  /** In the order in which the history numbers them, from 1. Empty where all jobs are alike. */
  readonly priorities: readonly { readonly name: string; readonly weight: number }[];
  /** Whether jobs were enqueued under the keys of earlier ones. Left out: none was. */
  readonly repeats?: boolean;
  readonly tellsSettlements: boolean;
  /** The terms of time by which it is judged. */
  readonly bounds: Bounds;
  /** The guarantees in force, with their terms. */
  readonly claims: Readonly<Record<string, Json>>;
  /** Handlers at once in each worker. */
  readonly concurrency: number;
  readonly producers: number;
  /** Faults of the schedule by name: how many of each were to bite. */
  readonly scheduled: Readonly<Record<string, number>>;
  /** By the id of each: how far into the load it was to strike, ms. Left out where nobody says so. */
  readonly plannedAt?: Readonly<Record<string, number>>;
  /** Kinds of fault that the scenario has and this run chose to go without. */
  readonly leftOut: readonly string[];
  /** The guarantees that the scenario means to put under threat. */
  readonly exercises: readonly string[];
  /**
   * Share of jobs that may be sent more than `lateAfterMs` after their intended time before the load counts as not met.
   */
  readonly load: { readonly lateShare: number; readonly lateAfterMs: number };
}

export interface Ledger {
  readonly run: RunFacts;
  /** CLOCK_MONOTONIC ns of the beginning of the load. */
  readonly origin: number;
  readonly columns: Columns;
  /**
   * True for jobs whose life is kept: all that any record names, but those that were sent, acknowledged, started, ended
   * (and, where the system tells, accepted as done, after that) just once, as attempt 1, with no failure planned, and
   * have no other record.
   */
  isExceptional(job: number): boolean;
  /**
   * Exceptional jobs in ascending order with their lives in order of time. Runs over packed arrays; call it once per
   * check.
   */
  exceptions(): Iterable<{ readonly job: number; readonly life: readonly LifeEvent[] }>;
  /** One job's whole life, empty when it is not exceptional. */
  life(job: number): readonly LifeEvent[];
  readonly incarnations: readonly Incarnation[];
  /** Whether that process started a job whose script ends it. */
  startedKiller(incarnation: number): boolean;
  /**
   * By incarnation, gaps between its ticks that are no stalls, and yet longer than they have to be. ns since origin.
   */
  readonly hiccups: ReadonlyMap<number, readonly { readonly from: number; readonly to: number }[]>;
  /** By incarnation, when it was ready to work; none that never was. */
  readonly readyAt: ReadonlyMap<number, number>;
  /** In order of time. */
  readonly deaths: readonly Death[];
  readonly incidents: readonly Incident[];
  /** The earliest first. What a queue did after it is nobody's violation that could be proven. */
  readonly trouble: readonly OwnTrouble[];
  /** By incident, from when on it was surely in force; none that was never armed. */
  readonly armedAt: ReadonlyMap<string, number>;
  /** Empty where nobody asked. */
  readonly storeClock: StoreClock;
  /** In order of time; empty where the system has no such number. */
  readonly depths: readonly DepthSample[];
  /** By incarnation. */
  readonly activity: ReadonlyMap<number, Activity>;
  /** Starts of some jobs, spread evenly over all: who had them is not kept of clean ones. */
  readonly sampledStarts: readonly SampledStart[];
  /** By incarnation; empty where it was not recorded. */
  readonly processorTime: ReadonlyMap<number, ProcessorTime>;
  readonly receipts: Receipts;
  readonly phases: Phases;
  readonly rates: Rates;
  readonly integrity: Integrity;
  /** Deliveries or dead letters that carried no known payload; the first 100,000 of them. */
  readonly corrupt: readonly {
    readonly job: number;
    readonly incarnation: number;
    readonly at: number;
    readonly where: "handler" | "scan";
  }[];
  /** Undefined where nobody looked, as in runs of earlier versions. */
  readonly connections: Connections | undefined;
  readonly drain: { readonly outcome: DrainOutcome; readonly seconds: number; readonly why?: string } | undefined;
  readonly scan:
    | {
        readonly finished: boolean;
        readonly agrees: boolean;
        readonly leftovers: readonly Leftover[];
        readonly why?: string;
      }
    | undefined;
  /** Set when the run was ended before its time, by whom. */
  readonly stopped: string | undefined;
  /** What the system's adapter did that its contract does not allow, each once. */
  readonly flaws: readonly string[];
}
