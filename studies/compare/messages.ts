/** What the driver of a comparison and its processes say to each other: one order at a time, each answered once. */
import type { FleetRole } from "../../fleet/messages.ts";
import type { Load } from "../../scenarios/contract.ts";
import type { Json } from "../../std/json.ts";
import type { Links } from "../../systems/contract.ts";

export interface Assignment {
  readonly role: FleetRole;
  readonly slot: number;
  readonly incarnation: number;
  readonly historyFile: string;
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

export type Order =
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
  /** To a worker: answered when the system was told to work. `jobs`: how many there will be; `broker`: the store's pid, where it is known. */
  | { readonly do: "work"; readonly jobs: number; readonly broker: number | undefined }
  /** To a worker: answered when nothing is in hand any more. */
  | { readonly do: "rest" };

export type ToMember =
  | { readonly type: "assignment"; readonly assignment: Assignment }
  | { readonly type: "order"; readonly order: Order }
  | { readonly type: "leave" };

export type FromMember =
  | { readonly type: "ready" }
  /** A worker that rests tells of the stretch that is over, if all of its jobs were brought to their end. */
  | { readonly type: "done"; readonly turns?: Turns | undefined }
  /** How many handlers have ended, and how many settlements were accepted, since it began; sent while it works. */
  | { readonly type: "progress"; readonly ended: number; readonly settled: number }
  | { readonly type: "failed"; readonly why: string; readonly mistake: boolean };

/** What the scheduler gave a process and what it made it wait, ns, from the first start of a stretch to its last settlement. */
export interface Turns {
  readonly worker: Turn;
  readonly broker: Turn;
}

export interface Turn {
  readonly ran: number;
  /** Ready to run, while the processors were others'. */
  readonly waited: number;
}
