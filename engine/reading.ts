/**
 * Keeps a worker's hand filled, and no fuller than it can work off soon: what is read and not started waits for a lease
 * when the worker dies; nor with more bytes than it bears. Looks for entries that it owns without knowing it: the reply of their read was lost.
 */
import type { Broker } from "./broker.ts";
import { nowMs, sleeper } from "./clock.ts";
import type { Held } from "./entry.ts";
import type { Hand, Place } from "./hand.ts";
import { readMax, type Seat } from "./seats.ts";
import { blockMs, type Steps } from "./steps.ts";
import type { Sweeper } from "./sweeper.ts";

export interface Reading {
  /** Takes from the dead what there is room for. */
  claim(): Promise<void>;
  /** Looks again whether there is a seat. */
  wake(): void;
  /** The hand has become emptier: looks again whether it bears more. */
  freed(): void;
  /** Resolves after `stop`, when no read is under way any more. */
  readonly ended: Promise<void>;
}

const auditMs = 5000;

export function readingOf({
  consumer,
  steps,
  reader,
  seat,
  hand,
  sweeper,
  payloadBytesMax,
  stop,
  mayTake,
  took,
  lost,
  failed,
}: {
  readonly consumer: string;
  readonly steps: Steps;
  readonly reader: Broker;
  readonly seat: Seat;
  readonly hand: Hand;
  readonly sweeper: Sweeper;
  readonly payloadBytesMax: number;
  readonly stop: AbortSignal;
  readonly mayTake: () => boolean;
  readonly took: () => void;
  readonly lost: () => void;
  readonly failed: (error: unknown) => void;
}): Reading {
  const bed = sleeper();
  let auditedAt = nowMs();
  let suspicious = false;
  let asleep = false;
  let isBlocked = false;
  let isFull = false;
  let claiming: Promise<void> | undefined;

  function take(entries: readonly Held[], place: Place): void {
    hand.take(entries, place);
    if (entries.length > 0) took();
  }

  /** Takes back into hand what the broker says is ours and what we never heard of. */
  async function recover(): Promise<boolean> {
    const known = hand.known();
    try {
      for (let from = "-"; ;) {
        const page = await steps.recover(consumer, from);
        if (page === undefined) return false;
        take(
          page.entries.filter(({ entry }) => !known.entries.has(entry)),
          "front",
        );
        const last = page.entries.at(-1);
        if (page.all || last === undefined) return true;
        from = `(${last.entry}`;
      }
    } finally {
      known.forget();
    }
  }

  /** With no read under way, all that is ours should be in hand: a read that was sent long ago may have been executed since. */
  async function audit(): Promise<void> {
    auditedAt = nowMs();
    const known = hand.known();
    for (let from = "-"; !suspicious;) {
      const owned = await steps.owned(consumer, from);
      if (owned === undefined) break;
      suspicious = owned.entries.some((entry) => !known.entries.has(entry));
      const last = owned.entries.at(-1);
      if (owned.all || last === undefined) break;
      from = `(${last}`;
    }
    known.forget();
  }

  async function claimOnce(): Promise<void> {
    while (!stop.aborted && mayTake() && sweeper.hasWork()) {
      // Not read ahead: what is in dead hands has waited long enough, and another worker may have a hand free.
      const limit = Math.min(seat.free, readMax, hand.room(payloadBytesMax));
      if (limit <= 0) return;
      // What that read would bring could not be started either, once these hands are taken.
      if (isBlocked) void steps.unblock();
      // Meanwhile `recover` may find what the broker gave here already, and it may even be done before the answer comes.
      const known = hand.known();
      const claimed = await sweeper.claim(limit, (entries) =>
        take(
          entries.filter(({ entry }) => !known.entries.has(entry)),
          "front",
        ),
      );
      known.forget();
      if (claimed === "lost") return lost();
      if (claimed === "unanswered") {
        suspicious = true;
        return;
      }
      took(); // where nothing is left to take, what was read may begin
      if (claimed === "none") return;
    }
  }
  function claim(): Promise<void> {
    claiming ??= claimOnce().finally(() => {
      claiming = undefined;
    });
    return claiming;
  }

  const pauseFor = async (ms: number): Promise<void> => {
    asleep = true;
    await bed.sleep(ms);
    asleep = false;
  };

  /** For something else than a seat. */
  const restFor = (ms: number): Promise<void> => {
    seat.rest();
    return pauseFor(ms);
  };

  async function turn(): Promise<void> {
    if (!mayTake()) return restFor(50);
    if (suspicious) {
      suspicious = false; // what goes unheard of while this looks makes it look again
      if (!(await recover())) {
        suspicious = true;
        return restFor(100);
      }
    }
    if (nowMs() - auditedAt > auditMs) await audit();
    if (!sweeper.hasLooked()) return restFor(50);
    if (sweeper.hasWork()) {
      await claim();
      if (sweeper.hasWork()) return restFor(50);
    }
    if (!reader.isReady()) return restFor(50);
    const room = hand.room(payloadBytesMax);
    if (room === 0) {
      isFull = true;
      return restFor(100);
    }
    const count = stop.aborted ? 0 : Math.min(seat.take(), room);
    if (count === 0) return pauseFor(100);
    const found = await read(count, seat.isShared ? 0 : blockMs);
    seat.giveBack(found);
    // Nobody else's seats are kept while nothing is there to read; the first job that comes may find them taken, and is the next.
    if (found === 0 && !suspicious && seat.isShared && !stop.aborted) await read(1, blockMs);
  }

  /** How many came. */
  async function read(count: number, waitMs: number): Promise<number> {
    isBlocked = waitMs > 0;
    const entries = await steps.read(consumer, count, waitMs);
    isBlocked = false;
    if (entries === undefined) suspicious = true;
    else take(entries, "back");
    return entries?.length ?? 0;
  }

  async function loop(): Promise<void> {
    while (!stop.aborted) {
      await turn().catch((error: unknown) => {
        failed(error);
        return pauseFor(blockMs / 2);
      });
    }
    unsubscribe();
  }

  const unsubscribe = reader.onReady(() => {
    suspicious = true;
    bed.wake();
  });
  stop.addEventListener("abort", () => bed.wake(), { once: true });

  return {
    claim,
    wake() {
      if (asleep) bed.wake();
    },
    freed() {
      if (!isFull) return;
      isFull = false;
      bed.wake();
    },
    ended: loop(),
  };
}
