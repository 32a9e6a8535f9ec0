/**
 * A fault is a definition, not an instance: what it needs, how its plan is drawn, how it is armed, and the proof that
 * it bit and that it is over. Plans are logical (slots, milliseconds), so that they are the same for the same seed.
 * Types only.
 */
import type { z } from "zod";
import type { Effect } from "../history/effects.ts";
import type { Evidence } from "../history/journal.ts";
import type { Resource } from "../history/resource.ts";
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
  /**
   * Nobody is at work meanwhile, and nobody is to be: there is nobody who would have to find out what another fault
   * took.
   */
  readonly unattended?: true;
  /** How connections end is the point of it: where ports are forwarded on the way, a reset arrives as a mere end. */
  readonly raw?: true;
}

export interface Fault<Options = unknown, Plan extends Planned = Planned, Needs extends LeverName = LeverName> {
  readonly about: string;
  readonly effect: Effect;
  readonly needs: readonly Needs[];
  readonly options: z.ZodType<Options>;
  /** Pure: the same for the same options, target and chance. */
  plan(options: Options, target: Target, random: Random): Plan;
  /**
   * Resolves when those are there whom it is meant for, and rejects when they do not come: as long it is put off, and
   * when they do not come it has not bitten. It does nothing itself; left out where nobody need be there.
   */
  meet?(plan: Plan, levers: Pick<Levers, Needs>, stop: AbortSignal): Promise<unknown>;
  /**
   * Puts the fault in force and returns how to prove that it bit; the proof may have begun before the fault (an open
   * socket).
   */
  arm(plan: Plan, levers: Pick<Levers, Needs>, stop: AbortSignal): Promise<Bite>;
  /**
   * Idempotent, and possible from another process that has only the handles: ends the fault and proves that it is over.
   */
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
  readonly clock: ClockLever;
}
export type LeverName = keyof Levers;

/** One proxied connection path of one process. */
export interface Link {
  readonly name: string;
  readonly listen: Address;
  readonly upstream: Address;
  /** The same two as the proxy itself must name them, where it is in another network than we are. */
  readonly inside?: { readonly listen: Address; readonly upstream: Address };
}

/** What is done to the bytes that go one way, on each connection of a link by itself. */
export type Toxic = { readonly way: Direction } & (
  | { readonly kind: "silence" }
  /** The connection ends once so many bytes have passed. */
  | { readonly kind: "limit"; readonly bytes: number }
  | { readonly kind: "latency"; readonly ms: number; readonly jitterMs: number }
  /** 1,000 bytes in a second each. */
  | { readonly kind: "rate"; readonly kilobytes: number }
  /** A connection that was opened under it is reset, not closed, when the link is cut; else it does nothing. */
  | { readonly kind: "reset" }
);
export type Direction = "requests" | "replies";

/** Every call has a deadline; one that ran into it may still be applied later, and is reported as an error. */
export interface ProxyLever {
  links(resource: Resource): readonly Link[];
  /** Listener and sockets closed. */
  cut(link: Link): Promise<void>;
  /** For connections that are open as well as for new ones, which are accepted as before. */
  put(link: Link, toxics: readonly Toxic[]): Promise<void>;
  /** Closes all connections and opens the link again, so that every one from now on is opened under the toxics. */
  reopen(link: Link, toxics: readonly Toxic[]): Promise<void>;
  /** Takes off all toxics; connections stay. It hangs where a peer does not read. */
  lift(link: Link): Promise<void>;
  /** Makes the proxy anew on its port: open, nothing armed, old connections cut. */
  restore(link: Link): Promise<void>;
  /** Absent where nothing tells: on another system than Linux, in a process that does not keep the fleet. */
  readonly traffic?: TrafficView;
}

/** What the kernel tells of the connections of the run's own processes. */
export interface TrafficView {
  /** Of whoever is in that slot; `away` while nobody there is ready, undefined where this one's are not told. */
  of(resource: Resource): Traffic | "away" | undefined;
  /** Of all who are ready; undefined where anyone's are not told. */
  all(): readonly Traffic[] | undefined;
  /** Of these those that are established still, whoever has them. */
  open(flows: readonly Flow[]): readonly Flow[];
  /** By inode, since each was opened; undefined where nothing counts them. */
  bytes(): Promise<ReadonlyMap<string, Bytes> | undefined>;
}

/** Where the process in a slot, with all that it started, is connected to now. */
export interface Traffic {
  /** Such as `worker:2`. */
  readonly slot: Resource;
  /** It stands still, and opens nothing that it has not. */
  readonly stopped: boolean;
  /** Where its own links listen. */
  readonly ways: readonly string[];
  /** Through its own links, by their names. */
  readonly links: Readonly<Record<string, readonly Flow[]>>;
  /** To the store itself, */
  readonly direct: readonly Flow[];
  /** through links that are another's, */
  readonly strange: readonly Flow[];
  /** and to anybody else, but for itself. */
  readonly elsewhere: readonly Flow[];
}

/** An established connection. */
export interface Flow {
  /** No other that is open has the same. */
  readonly inode: string;
  /** `host:port` */
  readonly remote: string;
}

export interface Bytes {
  readonly sent: number;
  readonly received: number;
}

export interface ProcessLever {
  /** Who holds the slot now. */
  holder(resource: Resource): ProcessHolder | undefined;
  /** False when that very process is gone already; never reaches another that got its pid. */
  signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean;
  /** The next holder of the slot, once it is ready to work. */
  replacement(resource: Resource, of: ProcessHolder, stop: AbortSignal): Promise<ProcessHolder>;
  /** Nobody is started in the slot until it is admitted again. */
  keepOut(resource: Resource): void;
  admit(resource: Resource): void;
  /** The clocks of whoever is in the slot, by its own word. */
  clocks(resource: Resource, stop: AbortSignal): Promise<Clocks>;
}

/** One moment on both clocks of one process. */
export interface Clocks {
  readonly incarnation: number;
  /** Milliseconds since 1970. */
  readonly wallMs: number;
  /** CLOCK_MONOTONIC. */
  readonly monotonicNs: number;
}

/** Wall clocks that can be set wrong, each for one process, by resources such as `clock:worker:2`. */
export interface ClockLever {
  /**
   * From now on, and also for those who start there later; 0 is right again. @throws Error where this clock is not in
   * the run's hands
   */
  bend(resource: Resource, offsetMs: number): void;
  /** As the process itself sees it. The store tells its wall clock only: its `monotonicNs` is ours at that moment. */
  read(resource: Resource, stop: AbortSignal): Promise<Omit<Clocks, "incarnation">>;
}

export interface ProcessHolder {
  readonly identity: ProcessIdentity;
  readonly incarnation: number;
  /** It has said that it can work. */
  readonly ready: boolean;
}

export interface StoreLever {
  readonly address: Address;
  /** All of them, where it is a cluster; `address` is the first, or the only one. */
  readonly nodes: readonly Address[];
  /** Ends the server; `crash` is SIGKILL. Resolves when the process is gone. */
  stop(how: "shutdown" | "crash"): Promise<void>;
  /** Starts it on the same data and port; nothing happens when it runs. Resolves when it can be used. */
  start(): Promise<void>;
  /** True when every node answers PING on a link of its own within the deadline. */
  answers(deadlineMs: number): Promise<boolean>;
  /** As of the links. */
  readonly traffic?: TrafficView;
}
