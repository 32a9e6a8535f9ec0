/**
 * Keeps a worker's hand filled, and no fuller than it can work off soon: what is read and not started waits for a lease
 * when the worker dies. Looks for entries that it owns without knowing it: the reply of their read was lost.
 */
import type { Broker } from "./broker.ts";
import { nowMs, sleeper } from "./clock.ts";
import type { Held } from "./entry.ts";
import type { Hand, Place } from "./hand.ts";
import type { Runner } from "./runner.ts";
import { blockMs, type Steps } from "./steps.ts";
import type { Sweeper } from "./sweeper.ts";

export interface Reading {
  /** Takes from the dead what there is room for. */
  claim(): Promise<void>;
  /** To be told of every start: what is worked off fast is read further ahead. */
  started(): void;
  /** Looks again whether there is room. */
  wake(): void;
  /** Resolves after `stop`, when no read is under way any more. */
  readonly ended: Promise<void>;
}

const readMax = 250;
/** Read ahead what is worked off within this time, */
const aheadMs = 50;
/** but no more than this. */
const aheadMax = 1000;
/** Jobs that run or wait for their settlement's answer, per handler; more means that the broker does not keep up. */
const unsettledPerHandler = 4;
const auditMs = 5000;

export function readingOf({
  consumer,
  steps,
  reader,
  runner,
  concurrency,
  hand,
  sweeper,
  stop,
  mayTake,
  took,
  lost,
  failed,
}: {
  readonly consumer: string;
  readonly steps: Steps;
  readonly reader: Broker;
  readonly runner: Runner;
  readonly concurrency: number;
  readonly hand: Hand;
  readonly sweeper: Sweeper;
  readonly stop: AbortSignal;
  readonly mayTake: () => boolean;
  readonly took: () => void;
  readonly lost: () => void;
  readonly failed: (error: unknown) => void;
}): Reading {
  const bed = sleeper();
  const unsettledMax = unsettledPerHandler * concurrency + aheadMax;
  let ahead = 0;
  let startedSinceLook = 0;
  let lookedAt = nowMs();
  let auditedAt = nowMs();
  let suspicious = false;
  let asleep = false;
  let claiming: Promise<void> | undefined;

  function take(entries: readonly Held[], place: Place): void {
    hand.take(entries, place);
    if (entries.length > 0) took();
  }

  /** How many to read now; 0 while enough waits. */
  function room(): number {
    const now = nowMs();
    if (now - lookedAt > 20) {
      const rate = startedSinceLook / (now - lookedAt);
      ahead = Math.min(Math.floor((ahead + rate * aheadMs) / 2), aheadMax); // of slow jobs none: another may be idle
      startedSinceLook = 0;
      lookedAt = now;
    }
    if (hand.waiting > ahead / 2 || hand.size > unsettledMax) return 0;
    return Math.min(runner.free + ahead - hand.waiting, readMax);
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
      const limit = Math.min(runner.free - hand.waiting, readMax);
      if (limit <= 0) return;
      const { entries, but } = await sweeper.claim(limit);
      take(entries, "front");
      if (but === "lost") return lost();
      if (but === "unanswered") suspicious = true;
      if (but !== undefined || entries.length === 0) return;
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

  async function turn(): Promise<void> {
    if (!mayTake()) return pauseFor(50);
    if (suspicious) {
      if (!(await recover())) return pauseFor(100);
      suspicious = false;
    }
    if (nowMs() - auditedAt > auditMs) await audit();
    if (sweeper.hasWork()) {
      await claim();
      if (sweeper.hasWork()) return pauseFor(50);
    }
    if (!reader.isReady()) return pauseFor(50);
    const count = room();
    if (count <= 0 || stop.aborted) return pauseFor(100);
    const entries = await steps.read(consumer, count);
    if (entries === undefined) suspicious = true;
    else take(entries, "back");
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
    started() {
      startedSinceLook++;
    },
    wake() {
      if (asleep && hand.waiting <= ahead / 2) bed.wake();
    },
    ended: loop(),
  };
}
