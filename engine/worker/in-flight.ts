/**
 * What a consumer has in flight: every entry of its PEL that it knows of, from the read until the settlement's answer.
 * What others left behind goes to the front.
 */
import { fitting, inFlightBytesMax } from "../redis/bounds.ts";
import type { PendingEntry } from "../redis/entry.ts";
import { fifo } from "../std/fifo.ts";

export type QueueEnd = "front" | "back";

export interface InFlight {
  /** In all: waiting, running, or being settled. */
  readonly size: number;
  /** Not started. */
  readonly waiting: number;
  /** Of these, what others left behind. */
  readonly reclaimed: number;
  /** How many more of the largest payloads it bears: at least one when it is empty. */
  room(): number;
  /** Adds those that are not in flight yet. */
  take(entries: readonly PendingEntry[], end: QueueEnd): void;
  /** The next one to start. */
  next(): PendingEntry | undefined;
  /** In flight, but not to be started by `next`: whoever keeps it says what becomes of it. */
  keep(entry: string): void;
  drop(entry: string): void;
  /** Resolves when it is in flight no more. */
  gone(entry: string): Promise<void>;
  /** Drops all that is not started, and returns it. From here on nothing more is taken. */
  close(): readonly PendingEntry[];
  /** All that is in flight now or comes to be until `forget`: what a look at the broker must not take for lost. */
  known(): { readonly entries: ReadonlySet<string>; forget(): void };
  /** Calls back whenever some were taken. */
  onTake(listener: () => void): void;
  /** Calls back whenever one was dropped: there may be room for more. */
  onDrop(listener: () => void): void;
}

/** @param payloadBytesMax of its job type */
export function nothingInFlight(payloadBytesMax: number): InFlight {
  const entries = sizedEntries();
  const front = fifo<PendingEntry>();
  const back = fifo<PendingEntry>();
  const waiters = new Map<string, () => void>();
  let closed = false;
  let onTake = (): void => {};
  let onDrop = (): void => {};

  function drop(entry: string): void {
    entries.delete(entry);
    waiters.get(entry)?.();
    waiters.delete(entry);
    onDrop();
  }

  return {
    get size() {
      return entries.size;
    },
    get waiting() {
      return front.length + back.length;
    },
    get reclaimed() {
      return front.length;
    },
    room: () => Math.max(0, fitting(inFlightBytesMax - entries.bytes, payloadBytesMax)),
    take(taken, end) {
      if (closed) return;
      const queue = end === "front" ? front : back;
      for (const held of taken) {
        if (entries.has(held.entry)) continue;
        entries.add(held.entry, Buffer.byteLength(held.payload));
        queue.push(held);
      }
      if (taken.length > 0) onTake();
    },
    next: () => front.shift() ?? back.shift(),
    keep: (entry) => entries.add(entry, 0),
    drop,
    gone: (entry) => (entries.has(entry) ? new Promise((resolve) => waiters.set(entry, resolve)) : Promise.resolve()),
    close() {
      closed = true;
      const dropped = [...front.clear(), ...back.clear()];
      for (const { entry } of dropped) drop(entry);
      return dropped;
    },
    known: entries.watch,
    onTake(listener) {
      onTake = listener;
    },
    onDrop(listener) {
      onDrop = listener;
    },
  };
}

interface SizedEntries {
  readonly size: number;
  readonly bytes: number;
  has(entry: string): boolean;
  add(entry: string, bytes: number): void;
  delete(entry: string): void;
  /** All that are there now or come to be until `forget`. */
  watch(): { readonly entries: ReadonlySet<string>; forget(): void };
}

/** Ids of entries, with the bytes of their payloads. */
function sizedEntries(): SizedEntries {
  const sizes = new Map<string, number>();
  const watchers = new Set<Set<string>>();
  let bytes = 0;
  return {
    get size() {
      return sizes.size;
    },
    get bytes() {
      return bytes;
    },
    has: (entry) => sizes.has(entry),
    add(entry, size) {
      bytes += size - (sizes.get(entry) ?? 0);
      sizes.set(entry, size);
      for (const watcher of watchers) watcher.add(entry);
    },
    delete(entry) {
      bytes -= sizes.get(entry) ?? 0;
      sizes.delete(entry);
    },
    watch() {
      const entries = new Set(sizes.keys());
      watchers.add(entries);
      return { entries, forget: () => void watchers.delete(entries) };
    },
  };
}
