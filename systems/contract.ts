/** A job queue under test, behind the smallest seam that lets it be driven, watched and scanned. Types only. */
import type { z } from "zod";
import type { BoundsSaid } from "../history/bounds.ts";
import type { Json } from "../std/json.ts";
import type { PlaceName, SettledAs } from "../history/record.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What a connection is for. A system that can keep the two apart is cut more precisely. */
export type LinkRole = "commands" | "blocking";
/**
 * A way to the store. To a cluster it leads to one of its nodes, and has a way to each by the `host:port` that the
 * cluster tells.
 */
export interface Way extends Address {
  readonly nodes?: Readonly<Record<string, Address>>;
}
/** Both are always given; they are the same way where the system keeps one link only. */
export type Links = Readonly<Record<LinkRole, Way>>;

export interface Job {
  /** The caller's text, to be handed to the handler byte for byte. */
  readonly payload: string;
  /**
   * It must not start earlier than this after the system accepted it, by the store's clock. Never set where `delays` is
   * false.
   */
  readonly delayMs?: number;
  /** One of `Context.priorities`. Set where those are. */
  readonly priority?: string;
  /**
   * Its caller's key: of the jobs under one, whoever sends them, one is written within the `deduplicationMs` of the
   * system's bounds. Never set where that is left out.
   */
  readonly key?: string;
}

/**
 * What became of one enqueue. The id is this job's and no other's; empty where the system has none. A `duplicate` was
 * not written, since one with the same key was before, and the id is that one's. Unknown is the default: refused needs
 * proof that nothing was, or ever will be, written.
 */
export type Receipt =
  | { readonly outcome: "ok"; readonly id: string; readonly duplicate?: boolean }
  | { readonly outcome: "refused"; readonly why: string }
  | { readonly outcome: "unknown"; readonly why: string };

export interface Delivery {
  readonly payload: string;
  /** The system's own count of this try, from 1. */
  readonly attempt: number;
}

export type Settlement =
  | { readonly settlement: "accepted"; readonly as: SettledAs }
  | { readonly settlement: "refused" | "unknown" };

export interface Work {
  /** Rejects when the job fails. The signal is aborted when the system wants the run to end. */
  readonly handle: (delivery: Delivery, signal: AbortSignal) => Promise<void>;
  /**
   * Called for every terminal settlement that the system knows the fate of; never called where `tellsSettlements` is
   * false.
   */
  readonly settled: (delivery: Delivery, settlement: Settlement) => void;
  /** How many handlers run at once in this process. */
  readonly concurrency: number;
}

/** What a dead-letter entry says, as far as the system keeps it. Times in ms since 1970 by the system's own clock. */
export interface DeadEntry {
  /** The name of the queue that it was in; `Connection.queue` where that is said, else the same in all entries. */
  readonly origin?: string;
  readonly attempts?: number;
  readonly firstError?: string;
  readonly lastError?: string;
  readonly enqueuedAt?: number;
  readonly failedAt?: number;
  /** Who ran it last: a text with `Context.name` of that process in it. */
  readonly worker?: string;
}

export type Place =
  | { readonly at: Exclude<PlaceName, "dead">; readonly payload: string }
  | { readonly at: "dead"; readonly payload: string; readonly entry: DeadEntry }
  /** Kept after it should be gone; a `count` of 0 is nothing. */
  | { readonly leftover: string; readonly count: number }
  /** The store's own count of a place, to hold against the pages that were read. */
  | { readonly cardinality: PlaceName; readonly count: number };

export interface Connection extends AsyncDisposable {
  /** The queue's name, as its dead letters give it for their origin. Left out where it has none. */
  readonly queue?: string;
  /**
   * One receipt per job, in order. Never rejects for a job's sake; settles every job within the system's own deadline.
   */
  enqueue(jobs: readonly Job[]): Promise<readonly Receipt[]>;
  /** Works until `stop`; resolves when nothing is in hand any more. Recovers by itself from any outage. */
  work(work: Work, stop: AbortSignal): Promise<void>;
  /** Everything that the system still holds, page by page. Nothing, before anything was enqueued. */
  scan(): AsyncIterable<Place>;
  /**
   * How many jobs the system says it still has to do: waiting, active and delayed. Left out where it has no such
   * number.
   */
  depth?(): Promise<number>;
}

/** Where and as whom a process connects. */
export interface Context {
  readonly links: Links;
  /** What the process is there for: a producer enqueues, a worker works, the harness looks. */
  readonly role: "producer" | "worker" | "harness";
  /** Prefix of everything that the run writes. */
  readonly namespace: string;
  /** Unique among all processes of the run, ever. */
  readonly name: string;
  /**
   * How often a job is tried in all before it is dead, and the wait before its first retry. Doubles with each retry.
   */
  readonly retries: { readonly attempts: number; readonly backoffMs: number };
  /**
   * Name to weight: while jobs of all of them wait, starts are shared by the weights. Never set where
   * `System.priorities` is false.
   */
  readonly priorities?: Readonly<Record<string, number>>;
  /**
   * Loads a client library as the user's repository has it. @throws UserError naming the package and how to install it
   */
  load(packageName: string): Promise<unknown>;
}

/** A guarantee's name with its terms, checked against the guarantee's own schema before the run starts. */
export type Claims = Readonly<Record<string, Json>>;

export interface System<Config = unknown> {
  readonly about: string;
  /** Client libraries: resolved from the configuration's directory, their versions stand in the result. */
  readonly packages: readonly string[];
  readonly roles: readonly LinkRole[];
  /** One Redis, or a Redis Cluster of three masters. */
  readonly store: "single" | "cluster";
  readonly options: z.ZodType<Config>;
  /** Named settings beside the defaults, such as `tuned`. */
  readonly profiles: Readonly<Record<string, Config>>;
  /** Whether `Work.settled` is called: checks that need it are not observable otherwise. */
  readonly tellsSettlements: boolean;
  /** Whether an enqueue takes a delay. */
  readonly delays: boolean;
  /** Whether an enqueue takes a priority, and starts are shared by weights. */
  readonly priorities: boolean;
  /**
   * What it promises under these settings beside what holds for any job queue, which is in force without a word, and
   * terms of its own for the latter.
   */
  claims(config: Config): Claims;
  /**
   * Guarantees for any job queue that it does not give, each with the reason, which the report prints. Left out: none.
   */
  readonly waives?: Readonly<Record<string, string>>;
  /** Its terms of time: excuses, recoveries and the run's length derive from them. */
  bounds(config: Config): BoundsSaid;
  connect(context: Context, config: Config): Promise<Connection>;
}

/** A system that is broken on purpose, and the check that must say so. */
export interface Mutant<Config = unknown> extends System<Config> {
  readonly killedBy: string;
  /** The smallest scenario in which it must. */
  readonly under: string;
  /** Others in which it must as well. Left out: none. */
  readonly alsoUnder?: readonly string[];
  /** Scenarios that cannot show it by that check, each with the reason. */
  readonly hiddenUnder?: Readonly<Record<string, string>>;
  /** Checks that the same bug cannot but turn red as well; any other red check is a false alarm. */
  readonly related: readonly string[];
}
