/**
 * Everything that a worker does to the broker, one function a step. Each says what is known afterwards; none rejects. A
 * step that could not be done answers undefined, and its caller comes back to it: all of them may be repeated.
 */
import { stepAnswers } from "./step-answers.ts";
import type { Broker } from "./broker.ts";
import { deliverySteps } from "./delivery-steps.ts";
import type { PendingEntry } from "./entry.ts";
import type { Keys } from "./keys.ts";
import { memberSteps } from "./member-steps.ts";
import { reclaimSteps } from "./reclaim-steps.ts";
import { script } from "./script.ts";
import type { SettleAnswer, SettlementRequest } from "./settlement.ts";
import { upkeepSteps } from "./upkeep-steps.ts";

export interface Steps {
  join(consumer: string): Promise<true | undefined>;
  /** A heartbeat. False: declared dead. */
  beat(consumer: string): Promise<boolean | undefined>;
  /** New entries; waits up to `waitMs` where there are none, and not at all where it is 0. */
  read(consumer: string, count: number, waitMs: number): Promise<readonly PendingEntry[] | undefined>;
  /** Ends a read that waits. */
  unblock(): Promise<void>;
  /** What the consumer owns from that entry on, and whether that was all. */
  recover(
    consumer: string,
    from: string,
  ): Promise<{ readonly entries: readonly PendingEntry[]; readonly all: boolean } | undefined>;
  /** @param requests the done first, then the retried, then the dead */
  settle(consumer: string, batch: number, requests: readonly SettlementRequest[]): Promise<SettleAnswer>;
  /** Ids of what the consumer owns, in order, from that entry on, and whether that was all. */
  owned(
    consumer: string,
    from: string,
  ): Promise<{ readonly entries: readonly string[]; readonly all: boolean } | undefined>;
  survey(): Promise<Survey | undefined>;
  /** Reports to others who stands still, for so long. */
  watch(still: readonly Still[], keptMs: number): Promise<true | undefined>;
  /** Declares a worker dead whose counter still is what was seen. */
  bury(worker: string, counter: string): Promise<boolean | undefined>;
  /** What became a suspect is set aside, and is not among the entries. */
  claim(taker: string, dead: string, limit: number): Promise<Claimed | undefined>;
  /** Some of those that were set aside. */
  suspects(): Promise<readonly Suspect[] | undefined>;
  /** @param alone whether its run is put on record */
  isolate(taker: string, suspect: string, alone: boolean): Promise<Isolated | undefined>;
  /** That run did not end its worker. */
  absolve(consumer: string, suspect: string): Promise<true | undefined>;
  /** Producer id to the sequence number of its last batch. */
  sequences(): Promise<ReadonlyMap<string, string> | undefined>;
  /** Drops the record of a producer id that still is as it was seen. */
  dropSequence(producerId: string, number: string): Promise<boolean | undefined>;
  /** How often it ticked, as the broker keeps it. */
  ticks(): Promise<string | undefined>;
  /**
   * One more, if it still is as it was seen; after a `generation` of them, callers' keys of the generation before are
   * forgotten.
   */
  tick(seen: string, generation: number): Promise<boolean | undefined>;
  /** How many were moved. */
  promote(): Promise<number | undefined>;
  release(consumer: string, entries: readonly string[]): Promise<true | undefined>;
  leave(consumer: string): Promise<true | undefined>;
}

/** A counter that stands still, as one watcher or several have seen it. */
export interface Still {
  readonly name: string;
  readonly value: string;
  readonly stillMs: number;
}

export interface Survey {
  /** Worker to its heartbeat counter. */
  readonly counters: ReadonlyMap<string, string>;
  /** Consumer to its number of pending entries. */
  readonly pending: ReadonlyMap<string, number>;
  /** Worker to the counter at which others saw it stand still, and for how long. */
  readonly watched: ReadonlyMap<string, Omit<Still, "name">>;
}

export interface Suspect {
  readonly entry: string;
  /** Set aside for the first time. */
  readonly isNew: boolean;
}

export interface Claimed {
  readonly state: "more" | "gone" | "alive" | "lost";
  readonly entries: readonly PendingEntry[];
}

export type Isolated =
  /** `killed`: so many workers died in which it ran alone. */
  | { readonly state: "taken"; readonly held: PendingEntry; readonly killed: number }
  | { readonly state: "gone" | "lost" };

export const blockMs = 1000;

/** One step each; a step's file says what it does and why it is one. */
export const scripts = {
  join: script("join"),
  beat: script("beat"),
  recover: script("recover"),
  settle: script("settle"),
  survey: script("survey"),
  watch: script("watch"),
  forget: script("forget"),
  claim: script("claim"),
  isolate: script("isolate"),
  absolve: script("absolve"),
  tick: script("tick"),
  promote: script("promote"),
  release: script("release"),
  leave: script("leave"),
};

export interface Tools {
  readonly commands: Broker;
  /** Only for reads that wait. */
  readonly reader: Broker;
  readonly keys: Keys;
  /** Of the part; it stands in its dead letters. */
  readonly priority?: string;
  /** Of the job type. */
  readonly payloadBytesMax?: number;
  /** Hears of every error reply. */
  readonly failed: (message: string) => void;
}

export function stepsOn(tools: Tools, lua: typeof scripts = scripts): Steps {
  const answers = stepAnswers(tools);
  return {
    ...memberSteps(tools, answers, lua),
    ...deliverySteps(tools, answers, lua),
    ...reclaimSteps(tools, answers, lua),
    ...upkeepSteps(tools, answers, lua),
  };
}
