/**
 * What one incarnation of a worker has in hand: every entry that it owns and knows of, from the read until the
 * settlement's answer. What others left behind goes to the front.
 */
import type { Held } from "./entry.ts";
import { fifo } from "./fifo.ts";

export type Place = "front" | "back";

export interface Hand {
  /** In hand in all: waiting, running, or being settled. */
  readonly size: number;
  /** Not started. */
  readonly waiting: number;
  /** Adds those that are not in hand yet. */
  take(entries: readonly Held[], place: Place): void;
  /** The next one to start. */
  next(): Held | undefined;
  drop(entry: string): void;
  /** Drops all that is not started, and returns it. */
  dropWaiting(): readonly Held[];
  /** All that is in hand now or comes into it until `forget`: what a look at the broker must not take for lost. */
  known(): { readonly entries: ReadonlySet<string>; forget(): void };
}

export function emptyHand(): Hand {
  const entries = new Set<string>();
  const front = fifo<Held>();
  const back = fifo<Held>();
  const watchers = new Set<Set<string>>();
  return {
    get size() {
      return entries.size;
    },
    get waiting() {
      return front.length + back.length;
    },
    take(taken, place) {
      const queue = place === "front" ? front : back;
      for (const held of taken) {
        if (entries.has(held.entry)) continue;
        entries.add(held.entry);
        for (const watcher of watchers) watcher.add(held.entry);
        queue.push(held);
      }
    },
    next: () => front.shift() ?? back.shift(),
    drop: (entry) => void entries.delete(entry),
    dropWaiting() {
      const dropped = [...front.clear(), ...back.clear()];
      for (const { entry } of dropped) entries.delete(entry);
      return dropped;
    },
    known() {
      const seen = new Set(entries);
      watchers.add(seen);
      return { entries: seen, forget: () => void watchers.delete(seen) };
    },
  };
}
