/**
 * What a consumer has in flight: every entry of its PEL that it knows of, from the read until the settlement's answer. What
 * others left behind goes to the front.
 */
import { fitting, handBytesMax } from "../redis/bounds.ts";
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
  /** Entry to the bytes of its payload. */
  const entries = new Map<string, number>();
  let bytes = 0;
  const front = fifo<PendingEntry>();
  const back = fifo<PendingEntry>();
  const watchers = new Set<Set<string>>();
  const waiters = new Map<string, () => void>();
  let closed = false;
  let onTake = (): void => {};
  let onDrop = (): void => {};

  function add(entry: string, size: number): void {
    bytes += size - (entries.get(entry) ?? 0);
    entries.set(entry, size);
    for (const watcher of watchers) watcher.add(entry);
  }
  function drop(entry: string): void {
    bytes -= entries.get(entry) ?? 0;
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
    room: () => Math.max(0, fitting(handBytesMax - bytes, payloadBytesMax)),
    take(taken, end) {
      if (closed) return;
      const queue = end === "front" ? front : back;
      for (const held of taken) {
        if (entries.has(held.entry)) continue;
        add(held.entry, Buffer.byteLength(held.payload));
        queue.push(held);
      }
      if (taken.length > 0) onTake();
    },
    next: () => front.shift() ?? back.shift(),
    keep: (entry) => add(entry, 0),
    drop,
    gone: (entry) => (entries.has(entry) ? new Promise((resolve) => waiters.set(entry, resolve)) : Promise.resolve()),
    close() {
      closed = true;
      const dropped = [...front.clear(), ...back.clear()];
      for (const { entry } of dropped) drop(entry);
      return dropped;
    },
    known() {
      const seen = new Set(entries.keys());
      watchers.add(seen);
      return { entries: seen, forget: () => void watchers.delete(seen) };
    },
    onTake(listener) {
      onTake = listener;
    },
    onDrop(listener) {
      onDrop = listener;
    },
  };
}
