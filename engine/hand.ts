/**
 * What one incarnation of a worker has in hand: every entry that it owns and knows of, from the read until the
 * settlement's answer. What others left behind goes to the front.
 */
import { fitting, handBytesMax } from "./bounds.ts";
import type { Held } from "./entry.ts";
import { fifo } from "./fifo.ts";

export type Place = "front" | "back";

export interface Hand {
  /** In hand in all: waiting, running, or being settled. */
  readonly size: number;
  /** Not started. */
  readonly waiting: number;
  /** Of these, what others left behind. */
  readonly reclaimed: number;
  /** How many more payloads of that size it bears: at least one when it is empty. */
  room(payloadBytesMax: number): number;
  /** Adds those that are not in hand yet. */
  take(entries: readonly Held[], place: Place): void;
  /** The next one to start. */
  next(): Held | undefined;
  /** In hand, but not to be started by `next`: whoever keeps it says what becomes of it. */
  keep(entry: string): void;
  drop(entry: string): void;
  /** Resolves when it is in hand no more. */
  gone(entry: string): Promise<void>;
  /** Drops all that is not started, and returns it. From here on nothing more is taken. */
  close(): readonly Held[];
  /** All that is in hand now or comes into it until `forget`: what a look at the broker must not take for lost. */
  known(): { readonly entries: ReadonlySet<string>; forget(): void };
}

export function emptyHand(): Hand {
  /** Entry to the bytes of its payload. */
  const entries = new Map<string, number>();
  let bytes = 0;
  const front = fifo<Held>();
  const back = fifo<Held>();
  const watchers = new Set<Set<string>>();
  const waiters = new Map<string, () => void>();
  let closed = false;

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
    room: (payloadBytesMax) => Math.max(0, fitting(handBytesMax - bytes, payloadBytesMax)),
    take(taken, place) {
      if (closed) return;
      const queue = place === "front" ? front : back;
      for (const held of taken) {
        if (entries.has(held.entry)) continue;
        add(held.entry, Buffer.byteLength(held.payload));
        queue.push(held);
      }
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
  };
}
