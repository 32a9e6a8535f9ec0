/**
 * A fault is a definition, not an instance: what it needs, how its plan is drawn, how it is armed, and the proof that it
 * bit and that it is over. Plans are logical (slots, milliseconds), so that they are the same for the same seed. Types only.
 */
import type { z } from "zod";
import type { Effect } from "../history/effects.ts";
import type { Evidence, Resource } from "../history/journal.ts";
import type { ProcessIdentity } from "../std/process-identity.ts";
import type { Random } from "../std/random.ts";

/** The fleet as a plan may know it. */
export interface Target {
  readonly workers: number;
  readonly producers: number;
}

/** What every plan says; the rest is the fault's own. */
export interface Planned {
  readonly lastsMs: number;
  /** Nothing else may touch these at the same time, */
  readonly touches: readonly Resource[];
  /** or take these away: proof is gathered through them. */
  readonly relies: readonly Resource[];
}

export interface Fault<Options = unknown, Plan extends Planned = Planned, Needs extends LeverName = LeverName> {
  readonly about: string;
  readonly effect: Effect;
  readonly needs: readonly Needs[];
  readonly options: z.ZodType<Options>;
  /** Pure: the same for the same options, target and chance. */
  plan(options: Options, target: Target, random: Random): Plan;
  /** Puts the fault in force and returns how to prove that it bit; the proof may have begun before the fault (an open socket). */
  arm(plan: Plan, levers: Pick<Levers, Needs>, stop: AbortSignal): Promise<Bite>;
  /** Idempotent, and possible from another process that has only the handles: ends the fault and proves that it is over. */
  heal(plan: Plan, levers: Pick<Levers, Needs>, stop: AbortSignal): Promise<Evidence>;
}

/** Gathers the proof while the fault is in force. */
export type Bite = (stop: AbortSignal) => Promise<Evidence>;

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** What a fault may pull. Each can be rebuilt from its handles (plain data in the journal) by another process. */
export interface Levers {
  readonly proxy: ProxyLever;
  readonly process: ProcessLever;
  readonly store: StoreLever;
}
export type LeverName = keyof Levers;

/** One proxied connection path of one process. */
export interface Link {
  readonly name: string;
  readonly listen: Address;
  readonly upstream: Address;
}

/** Every call has a deadline; one that ran into it may still be applied later, and is reported as an error. */
export interface ProxyLever {
  links(resource: Resource): readonly Link[];
  /** Listener and sockets closed. */
  cut(link: Link): Promise<void>;
  /** Sockets stay, new ones are accepted, no byte passes in either direction. */
  blackHole(link: Link): Promise<void>;
  /** Makes the proxy anew on its port: open, nothing armed, old connections cut. */
  restore(link: Link): Promise<void>;
}

export interface ProcessLever {
  /** Who holds the slot now. */
  holder(resource: Resource): ProcessHolder | undefined;
  /** False when that very process is gone already; never reaches another that got its pid. */
  signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean;
  /** The next holder of the slot, once it is ready to work. */
  replacement(resource: Resource, of: ProcessHolder, stop: AbortSignal): Promise<ProcessHolder>;
}

export interface ProcessHolder {
  readonly identity: ProcessIdentity;
  readonly incarnation: number;
}

export interface StoreLever {
  readonly address: Address;
  /** Ends the server; `crash` is SIGKILL. Resolves when the process is gone. */
  stop(how: "shutdown" | "crash"): Promise<void>;
  /** Starts it on the same data and port; nothing happens when it runs. Resolves when it answers. */
  start(): Promise<void>;
  /** True when it answers PING on a link of its own within the deadline. */
  answers(deadlineMs: number): Promise<boolean>;
}
