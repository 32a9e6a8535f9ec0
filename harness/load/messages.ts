/** What the harness and its children say to each other. */
import type { Json } from "../../std/json.ts";
import type { Links } from "../../systems/contract.ts";
import type { Load } from "../../scenarios/contract.ts";

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
}

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
  settled: 0,
  behindMs: 0,
};

export type FromChild =
  | { readonly type: "ready" }
  | { readonly type: "counts"; readonly counts: Counts }
  /** One moment on both of its clocks. */
  | { readonly type: "clocks"; readonly wallMs: number; readonly monotonicNs: number }
  /** A producer has sent the last job of its slot, and has every receipt that it waited for. */
  | { readonly type: "done" }
  /** It cannot go on; `mistake` when whoever configured it can mend that. */
  | { readonly type: "failed"; readonly why: string; readonly mistake: boolean };
