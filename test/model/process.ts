/** A process of the model: whether it runs, and whether it reaches the store, whatever keeps it from either. */
import type { Role } from "../../history/record.ts";
import type { Dice } from "./dice.ts";
import { historyFile, type HistoryFile } from "./file.ts";
import type { Simulation } from "./simulation.ts";
import type { Terms } from "./world.ts";

/**
 * What keeps a process from running, or from being heard: each as often as it is in force. One that is muted still
 * receives.
 */
export type Hindrance = "stopped" | "cut" | "muted" | "deaf" | "slow" | "storeless";

export interface Process {
  readonly role: Role;
  readonly slot: number;
  readonly incarnation: number;
  readonly file: HistoryFile;
  isAlive(): boolean;
  isRunning(): boolean;
  /** It runs, and its connection is good: what it asks is answered. */
  inTouch(): boolean;
  /** The store hears from it, answered or not. */
  isHeard(): boolean;
  /** Since when it is in touch; when it was last heard. */
  touchFromMs(): number;
  lastSignMs(): number;
  /** All times in which the store did not hear from it; the last may be without an end. */
  silences(): readonly Silence[];
  /** When it was heard for the first time. */
  firstHeardMs(): number;
  /** Changes with each loss of its connection, and each time it has a new one. */
  connection(): number;
  /** Also while it stands still. */
  isConnected(): boolean;
  /** How long it has run in all. */
  ranMs(): number;
  hinder(by: Hindrance, more: 1 | -1): void;
  /** Goes to the store for the first time. */
  begin(): void;
  /** One way to the store, ms. */
  wayMs(): number;
  /**
   * Something is sent: it arrives after that long, unless the connection broke or the store went; then nobody knows.
   */
  send(act: () => void): void;
  /** Happens after that long, or when it runs again; never, once it is dead. */
  later(ms: number, act: () => void): void;
  die(): void;
}

/** After it stood still, or was born, a process whose connection is whole is heard within this. */
export const heardAgainMs = 150;

export interface Silence {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface ProcessListener {
  inTouch(process: Process): void;
  outOfTouch(process: Process): void;
  silent(process: Process): void;
  /** It runs again, and may not know of anything yet. */
  resumed(process: Process): void;
  disconnected(process: Process): void;
}

// long: one state machine: what a process hears follows from all of its hindrances at once
export function processOf(
  { role, slot, incarnation }: Pick<Process, "role" | "slot" | "incarnation">,
  { simulation, dice, terms }: { readonly simulation: Simulation; readonly dice: Dice; readonly terms: Terms },
  listener: ProcessListener,
): Process {
  const hindrances: Record<Hindrance, number> = { stopped: 0, cut: 0, muted: 0, deaf: 0, slow: 0, storeless: 0 };
  const deferred: (() => void)[] = [];
  const silences: { fromMs: number; toMs: number }[] = [];
  let alive = true;
  let connected = false;
  let touching = false;
  let heard = false;
  let wasHeardWhenDeaf = false;
  let touchFrom = 0;
  let heardFrom = 0;
  let firstHeard = Number.POSITIVE_INFINITY;
  let lastSign = Number.NEGATIVE_INFINITY;
  let connection = 0;
  let arrivals = 0;
  let arriving = false;
  let begun = false;
  /** It never had a connection, and nothing is in its way. */
  let isNew = true;
  let stoodMs = 0;
  let stoodFrom = 0;

  const isRunning = (): boolean => alive && hindrances.stopped === 0;
  const isOpen = (): boolean => hindrances.cut + hindrances.deaf + hindrances.storeless === 0;

  const update = (): void => {
    if (!begun) return;
    if (connected && (!alive || !isOpen())) {
      connected = false;
      connection++;
      wasHeardWhenDeaf = touching && hindrances.cut + hindrances.storeless === 0 && terms.deafIsHeard;
      if (hindrances.deaf === 0 || !alive) listener.disconnected(process);
    }
    if (hindrances.deaf === 0) wasHeardWhenDeaf = false;
    if (touching && !(isRunning() && connected)) {
      touching = false;
      listener.outOfTouch(process);
    }
    if (hindrances.cut + hindrances.storeless > 0 || !isRunning()) wasHeardWhenDeaf = false;
    hear((touching && hindrances.muted === 0) || wasHeardWhenDeaf);
    // It takes all of its connections to come back.
    const mayArrive = isRunning() && isOpen() && hindrances.muted === 0;
    if (arriving && !mayArrive) {
      arriving = false;
      arrivals++;
    }
    if (!touching && !arriving && mayArrive) arrive();
  };

  /** Back in touch after a while: at once where the connection is whole, and at the latest when it has to be. */
  const arrive = (): void => {
    arriving = true;
    const arrival = ++arrivals;
    simulation.after(dice.within(0.5, connected || isNew ? heardAgainMs : terms.reconnectMs), () => {
      if (arrival !== arrivals) return;
      arriving = false;
      if (!connected) connection++;
      connected = true;
      isNew = false;
      touching = true;
      touchFrom = simulation.now();
      hear(true);
      listener.inTouch(process);
    });
  };

  const hear = (now: boolean): void => {
    if (now === heard) return;
    heard = now;
    if (heard) {
      heardFrom = simulation.now();
      firstHeard = Math.min(firstHeard, heardFrom);
      const silence = silences.at(-1);
      if (silence !== undefined) silence.toMs = heardFrom;
      return;
    }
    silences.push({ fromMs: simulation.now(), toMs: Number.POSITIVE_INFINITY });
    const late = hindrances.slow > 0 ? terms.slowMs : 0;
    const signs = Math.floor((simulation.now() - late - heardFrom) / terms.beatMs);
    lastSign = signs < 0 ? heardFrom : heardFrom + signs * terms.beatMs;
    listener.silent(process);
  };

  const wayMs = (): number =>
    dice.within(0.1, terms.latencyMs) + (hindrances.slow > 0 ? dice.within(0.3, 1) * terms.slowMs : 0);

  const later = (ms: number, act: () => void): void =>
    simulation.after(ms, () => {
      if (!alive) return;
      if (isRunning()) act();
      else deferred.push(act);
    });

  const process: Process = {
    role,
    slot,
    incarnation,
    file: historyFile({ incarnation, role }, simulation.now),
    isAlive: () => alive,
    isRunning,
    inTouch: () => touching,
    isHeard: () => heard,
    touchFromMs: () => touchFrom,
    lastSignMs: () => lastSign,
    silences: () => silences,
    firstHeardMs: () => firstHeard,
    connection: () => connection,
    isConnected: () => connected,
    ranMs: () => simulation.now() - stoodMs,
    hinder(by, more) {
      if (!alive) return; // the hindrances of the dead are nobody's
      const ran = isRunning();
      hindrances[by] += more;
      if (ran && !isRunning()) {
        process.file.stands();
        stoodFrom = simulation.now();
      }
      update();
      if (ran || !isRunning()) return;
      process.file.goesOn();
      stoodMs += simulation.now() - stoodFrom;
      for (const [index, act] of deferred.splice(0).entries()) later(0.1 + index * 0.05, act);
      listener.resumed(process);
    },
    begin() {
      begun = true;
      isNew = isOpen();
      update();
    },
    wayMs,
    send(act) {
      const over = connection;
      simulation.after(wayMs(), () => {
        if (hindrances.storeless + hindrances.muted === 0 && (over === connection || dice.chance(0.5))) act();
      });
    },
    later,
    die() {
      alive = false;
      process.file.ends();
      update();
    },
  };
  return process;
}
