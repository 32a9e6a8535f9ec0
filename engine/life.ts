/**
 * One incarnation of a worker: a consumer of its own from joining to leaving. It ends in good order when it is asked to,
 * or at once when it finds itself declared dead; then what it had not started is others', and a new one begins.
 *
 *   stream ──read──▶ waiting ──start──▶ running ──over──▶ being settled ──answer──▶ gone
 *   the dead ─claim─┘ (first)                             └ one batch at a time, numbered
 *        └ suspects, one by one: isolation.ts
 */
import type { Broker } from "./broker.ts";
import { insist, nowMs, repeat, settledWithin, sleeper } from "./clock.ts";
import { thisProcess } from "./company.ts";
import type { Held } from "./entry.ts";
import { emptyHand } from "./hand.ts";
import { isolationOf } from "./isolation.ts";
import { holdLease } from "./lease.ts";
import { between } from "./random.ts";
import { readingOf } from "./reading.ts";
import type { Runner } from "./runner.ts";
import type { Seats } from "./seats.ts";
import type { Verdict } from "./settlement.ts";
import { settlerOf, type Fate } from "./settler.ts";
import type { Steps } from "./steps.ts";
import { forgetterFor, laneSweeperFor, laneSweepMs, sweeperFor } from "./sweeper.ts";

export interface Circumstances {
  readonly consumer: string;
  /** When the joining was sent. */
  readonly joinedAt: number;
  readonly steps: Steps;
  readonly commands: Broker;
  readonly reader: Broker;
  readonly runner: Runner;
  readonly seats: Seats;
  readonly weight: number;
  readonly leaseMs: number;
  readonly sweepMs: number;
  readonly graceMs: number;
  readonly concurrency: number;
  readonly maxDeliveries: number;
  readonly rememberMs: number;
  readonly payloadBytesMax: number;
  readonly told: (verdict: Verdict, fate: Fate) => void;
  /** A handler does not heed its signal: the process is to end. */
  readonly stuck: (held: Held) => void;
  readonly failed: (error: unknown) => void;
}

export interface Life {
  /** Resolves when it was declared dead. */
  readonly lost: Promise<void>;
  /** Resolves when nothing is in hand: in good order, or with what is left after the grace handed back or given up. */
  end(): Promise<void>;
}

const promoteMs = 200;
/** What the dead held, and what is due, waits behind a closed door, once before a suspect begins and once beside it. */
const doorsPerLease = 4;
/** For the last words to a broker that may be away. */
const lastWordsMs = 3000;

export function beginLife(at: Circumstances): Life {
  const { consumer, steps, commands, runner, seats, leaseMs, sweepMs, failed } = at;
  const hand = emptyHand();
  const over = new AbortController(); // nothing is in hand and no sign of life is needed any more
  const taking = new AbortController(); // nothing new is taken once this is aborted
  const running = new AbortController(); // what the handlers see
  const lost = Promise.withResolvers<void>();
  /** Entries whose handlers do not heed their signal. */
  const stuck = new Set<string>();

  async function patience(): Promise<void> {
    await settledWithin(commands.whenReady(), 1000);
    await sleeper().sleep(between(20, 60));
  }

  const settler = settlerOf(consumer, steps, {
    told(verdict, fate) {
      hand.drop(verdict.held.entry);
      reading.freed();
      at.told(verdict, fate);
    },
    patience,
  });

  function lose(): void {
    if (over.signal.aborted) return;
    taking.abort();
    over.abort();
    hand.close();
    running.abort(new Error("this worker was declared dead: its job may be running elsewhere"));
    lost.resolve();
  }

  const lease = holdLease(
    { steps, consumer, leaseMs, joinedAt: at.joinedAt, stop: over.signal },
    { confirmed: seats.pump, lost: lose, failed },
  );

  /** What gave way to the signal is nobody's any more: it is handed back with all else, or another has it already. */
  function run(held: Held, isReserved: boolean): void {
    runner.run(
      held,
      isReserved,
      running.signal,
      (verdict) => {
        stuck.delete(held.entry);
        if (verdict === undefined) hand.drop(held.entry);
        else settler.add(verdict);
      },
      () => {
        stuck.add(held.entry);
        at.stuck(held);
      },
    );
  }

  const sweeper = sweeperFor(consumer, steps, { leaseMs, sweepMs });
  const mayStart = (): boolean => !taking.signal.aborted && lease.holds();
  const seat = seats.join({
    weight: at.weight,
    get waiting() {
      return hand.waiting;
    },
    get reclaimed() {
      return hand.reclaimed;
    },
    get size() {
      return hand.size;
    },
    get isUrgent() {
      return sweeper.hasWork() || !sweeper.hasLooked();
    },
    mayStart,
    start() {
      const held = hand.next();
      if (held !== undefined) run(held, false);
    },
    wake: () => reading.wake(),
  });
  taking.signal.addEventListener("abort", seat.leave, { once: true });

  const reading = readingOf({
    ...at,
    seat,
    hand,
    sweeper,
    stop: taking.signal,
    mayTake: () => lease.holds(),
    took: seats.pump,
    lost: lose,
  });

  const isolation = isolationOf({
    ...at,
    company: thisProcess,
    hand,
    closedMs: leaseMs / doorsPerLease,
    patienceMs: Math.max(at.graceMs, leaseMs),
    stop: taking.signal,
    mayStart: lease.holds,
    mayClose: () => !seats.isUrgent(),
    run: (held) => run(held, true),
    settle: settler.add,
    lost: lose,
    patience,
  });

  const sweeping = repeat(
    async () => {
      if (!lease.holds()) sweeper.outOfTouch();
      else if (await sweeper.sweep()) {
        const claims = sweeper.hasWork();
        await reading.claim();
        seats.pump(); // what waited for this look may begin where it found nothing
        if (claims || sweeper.hasSuspects()) isolation.wake();
      }
      return sweepMs * between(0.8, 1);
    },
    { stop: taking.signal, bed: sleeper(), failed },
  );
  const promoting = repeat(
    async () => {
      if (lease.holds()) await steps.promote();
      return promoteMs * between(0.8, 1.2);
    },
    { stop: taking.signal, bed: sleeper(), failed },
  );
  const sweepLanes = laneSweeperFor(steps);
  const sweepingLanes = repeat(
    async () => {
      if (lease.holds()) await sweepLanes();
      return laneSweepMs * between(0.8, 1);
    },
    { stop: taking.signal, bed: sleeper(), failed },
  );
  const forgetter = forgetterFor(steps, at.rememberMs);
  const forgetting = repeat(
    async () => {
      if (lease.holds()) await forgetter.look();
      return forgetter.tickMs * between(1.05, 1.2);
    },
    { stop: taking.signal, bed: sleeper(), failed },
  );
  const unsubscribe = [commands.onReady(lease.beatNow), thisProcess.onOpen(seats.pump)];

  /** Handlers get the grace, then the signal, then no more of our time. */
  async function finish(endAt: number): Promise<void> {
    const enough = new AbortController();
    const empty = async (): Promise<void> => {
      while (hand.size > stuck.size && !enough.signal.aborted) {
        await settler.idle();
        if (hand.size > stuck.size) await sleeper().sleep(10);
      }
    };
    const emptied = empty();
    if (await settledWithin(emptied, Math.max(endAt - nowMs(), 0))) return;
    running.abort(new Error("this worker is stopping and its grace period is over"));
    await settledWithin(emptied, lastWordsMs);
    enough.abort();
    settler.giveUp();
    await isolation.absolve(stuck);
  }

  /** Said until it is heard, or there is no more time. */
  async function lastWords(say: () => Promise<true | undefined>): Promise<void> {
    const until = nowMs() + lastWordsMs;
    await settledWithin(
      insist(say, () => over.signal.aborted || nowMs() > until, patience),
      lastWordsMs,
    );
  }

  /** Hands back all but what is stuck. */
  async function releaseOthers(): Promise<true | undefined> {
    for (let from = "-"; ;) {
      const owned = await steps.owned(consumer, from);
      if (owned === undefined) return undefined;
      const others = owned.entries.filter((entry) => !stuck.has(entry));
      if (others.length > 0 && (await steps.release(consumer, others)) === undefined) return undefined;
      const last = owned.entries.at(-1);
      if (owned.all || last === undefined) return true;
      from = `(${last}`;
    }
  }

  async function end(): Promise<void> {
    const endAt = nowMs() + at.graceMs;
    taking.abort();
    if (!over.signal.aborted) await settledWithin(steps.unblock(), lastWordsMs);
    await settledWithin(Promise.all([reading.ended, sweeping, promoting, sweepingLanes, forgetting]), lastWordsMs);
    const unstarted = hand.close().map(({ entry }) => entry);
    if (unstarted.length > 0) await lastWords(() => steps.release(consumer, unstarted));
    await finish(endAt);
    if (stuck.size > 0 && !over.signal.aborted) {
      // The process ends now. Until it has, the lease keeps everybody else from what still runs in it.
      await lastWords(releaseOthers);
      return;
    }
    await lastWords(() => steps.leave(consumer));
    over.abort();
    for (const end of unsubscribe) end();
  }

  return { lost: lost.promise, end };
}
