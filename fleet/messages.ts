/** What the harness and its children say to each other. */
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
}

/** Who can mend it: whoever configured the run, who wrote the adapter, or nobody but us. */
export type Whose = "user" | "system" | "ours";

export type ToChild =
  | { readonly type: "assignment"; readonly assignment: Assignment }
  /** For producers: the load begins at this moment of the shared clock. */
  | { readonly type: "go"; readonly originNs: number }
  /** Finish what is in hand, close, exit 0. SIGTERM means the same. */
  | { readonly type: "stop" }
  /** Answered at once, and in order. */
  | { readonly type: "clocks" };

/** Sums since the process began. */
export interface Counts {
  readonly sent: number;
  readonly acknowledged: number;
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

export const noCounts: Counts = {
  sent: 0,
  acknowledged: 0,
  refused: 0,
  unknown: 0,
  started: 0,
  ended: 0,
  failed: 0,
  failedForGood: 0,
  settled: 0,
  behindMs: 0,
};

export type FromChild =
  /** It calls what is not ours: whatever becomes of it until it is ready, that is what did it. */
  | { readonly type: "entering"; readonly what: string; readonly whose: Exclude<Whose, "ours"> }
  | { readonly type: "ready" }
  /** The adapter did not do what its contract says; the process goes on. */
  | { readonly type: "flaw"; readonly why: string; readonly isGrave: boolean }
  | { readonly type: "counts"; readonly counts: Counts }
  /** One moment on both of its clocks. */
  | { readonly type: "clocks"; readonly wallMs: number; readonly monotonicNs: number }
  /** A producer has sent the last job of its slot, and has every receipt that it waited for. */
  | { readonly type: "done" }
  /** It cannot go on; `unsettled` when another life would only wait as long again. */
  | { readonly type: "failed"; readonly why: string; readonly whose: Whose; readonly unsettled: boolean };
