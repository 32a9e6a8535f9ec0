/**
 * What a supervisor and the processes of its fleet say to each other: an assignment first, then orders, each answered
 * once.
 */
import type { Json } from "../std/json.ts";
import type { Links } from "../systems/contract.ts";
import type { Load } from "../scenarios/contract.ts";

export type FleetRole = "producer" | "worker";

export interface Assignment {
  readonly role: FleetRole;
  readonly slot: number;
  readonly incarnation: number;
  readonly historyFile: string;
  /** Of the lives before it in its slot, oldest first: what they sent is in them. */
  readonly earlierFiles: readonly string[];
  /** The module whose default export is the catalogues in force. */
  readonly configuration: string;
  /** Client libraries are resolved from here. */
  readonly directory: string;
  readonly system: string;
  readonly settings: Json;
  readonly links: Links;
  readonly namespace: string;
  readonly load: Load;
  readonly seed: number;
  /** For each thing that is asked of the adapter. */
  readonly patienceMs: number;
  /** It tells its counts so often, where they have changed. */
  readonly countsEveryMs: number;
}

/** Who can mend it: whoever configured the run, who wrote the adapter, or nobody but us. */
export type Whose = "user" | "system" | "ours";

export type Order =
  /**
   * To a producer: the load of its slot, from where the lives before it came to. Answered when all was sent and all
   * receipts are there.
   */
  | { readonly do: "run"; readonly originNs: number }
  /** To a producer: these jobs at once, a bounded number of calls under way. Answered when all receipts are there. */
  | { readonly do: "enqueue"; readonly from: number; readonly to: number }
  /** To a producer: these jobs open loop, evenly over the time. Answered when all receipts are there. */
  | {
      readonly do: "offer";
      readonly from: number;
      readonly to: number;
      readonly originNs: number;
      readonly seconds: number;
    }
  /** To a worker: answered when the system was told to work. */
  | { readonly do: "work"; readonly measured?: MeasuredWork }
  /** To a worker: answered when nothing is in hand any more. */
  | { readonly do: "rest" };

/** A stretch of work of which the processors' time is asked. */
export interface MeasuredWork {
  /**
   * How many there will be: with the last of them it is over. Left out, where others work on them, too: it is over with
   * the next rest.
   */
  readonly jobs?: number;
  /** The store's processes, where they are known. */
  readonly brokers: readonly number[];
}

export type ToMember =
  | { readonly type: "assignment"; readonly assignment: Assignment }
  /** Carried out one after the other. */
  | { readonly type: "order"; readonly order: Order }
  /** Finish what is in hand, close, exit 0. SIGTERM means the same. */
  | { readonly type: "leave" }
  /** Answered at once, and in order. */
  | { readonly type: "clocks" };

/** Sums since the process began. */
export interface JobCounts {
  readonly sent: number;
  readonly acknowledged: number;
  /** Acknowledged as well, as jobs that were there before. */
  readonly duplicate: number;
  readonly refused: number;
  readonly unknown: number;
  readonly started: number;
  readonly ended: number;
  readonly failed: number;
  /** Of those: on the last attempt, so that nothing is left to do but to keep the dead letter. */
  readonly failedForGood: number;
  readonly settled: number;
  /** Milliseconds that the newest send was behind its intended time. */
  readonly behindMs: number;
}

export const noCounts: JobCounts = {
  sent: 0,
  acknowledged: 0,
  duplicate: 0,
  refused: 0,
  unknown: 0,
  started: 0,
  ended: 0,
  failed: 0,
  failedForGood: 0,
  settled: 0,
  behindMs: 0,
};

/** What the scheduler gave a process and what it made it wait, ns. */
export interface ProcessorUse {
  readonly ran: number;
  /** Ready to run, while the processors were others'. */
  readonly waited: number;
}

/** From the first start of a stretch to the last end or settlement. */
export interface Stretch {
  readonly worker: ProcessorUse;
  /** Each of the store's processes that was named. */
  readonly brokers: readonly ProcessorUse[];
}

/** How an order was carried out, by the clock that all processes of a host share. */
export interface Done {
  readonly fromNs: number;
  readonly toNs: number;
  /**
   * A worker that rests tells of the stretch that is over, if anything was started in it, and all of its jobs came to
   * their end.
   */
  readonly stretch?: Stretch;
}

export type FromMember =
  /** It calls what is not ours: whatever becomes of it until it is ready, that is what did it. */
  | { readonly type: "entering"; readonly what: string; readonly whose: Exclude<Whose, "ours"> }
  | { readonly type: "ready" }
  /** The adapter did not do what its contract says; the process goes on. */
  | { readonly type: "flaw"; readonly why: string; readonly isGrave: boolean }
  | { readonly type: "counts"; readonly counts: JobCounts }
  /** One moment on both of its clocks. */
  | { readonly type: "clocks"; readonly wallMs: number; readonly monotonicNs: number }
  /** An order was carried out. */
  | { readonly type: "done"; readonly done: Done }
  /** It cannot go on; `unsettled` when another life would only wait as long again. */
  | { readonly type: "failed"; readonly why: string; readonly whose: Whose; readonly unsettled: boolean };
