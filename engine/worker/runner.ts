/**
 * Runs handlers, each in a slot, and has what becomes of each job settled. The slots are shared by a worker's
 * consumers.
 */
import type { JobType } from "../job-type.ts";
import { storyOf, type PendingEntry } from "../redis/entry.ts";
import type { SettlementRequest } from "../redis/settlement.ts";
import { isCausedBy, isNamed } from "../std/thrown.ts";
import type { HandlerSlots } from "./handler-slots.ts";
import type { Host } from "./host.ts";
import type { InFlight } from "./in-flight.ts";
import type { ConsumerLife } from "./life.ts";
import { failure, poisoned } from "./outcome.ts";
import type { Settler } from "./settler.ts";
import { isTimeout, timeLimit } from "./time-limit.ts";

export interface Job<Payload> {
  /** Unique for ever, the same on every attempt. */
  readonly id: string;
  readonly payload: Payload;
  /** From 1. Counts failures of the handler; a run that a crash ended is repeated under the same number. */
  readonly attempt: number;
  /** ms since 1970 by the broker's clock. */
  readonly enqueuedAt: number;
}

export type Handler<Payload> = (job: Job<Payload>, signal: AbortSignal) => Promise<void>;

/** Of how many runs about the average is. */
const runsRemembered = 10;

/** Whose jobs run: a consumer. */
export interface RunOwner {
  /** What the handlers see. */
  readonly signal: AbortSignal;
  /**
   * The handler is over, with what is to become of the job: undefined when it gave way to the signal. Never called at
   * once.
   */
  ended(held: PendingEntry, settlement: SettlementRequest | undefined): void;
  /** Its time is over and it does not give way. */
  stuck(held: PendingEntry): void;
}

export interface Runner {
  /** How long a handler takes, as the last ones did on average; Infinity until one has ended. */
  readonly runMs: number;
  /** @param isReserved whether it runs in a slot that was reserved for it */
  run(held: PendingEntry, isReserved: boolean, owner: RunOwner): void;
  /** What becomes of a job that ended its worker in so many lone runs. */
  poisoned(held: PendingEntry, killed: number): SettlementRequest;
}

export function runnerOf<Payload>(
  type: JobType<Payload>,
  handle: Handler<Payload>,
  slots: Pick<HandlerSlots, "take" | "giveBack">,
  { gate, time, chance }: Pick<Host, "gate" | "time" | "chance">,
): Runner {
  let runMs = Infinity;

  async function attempt(held: PendingEntry, signal: AbortSignal): Promise<SettlementRequest | undefined> {
    const story = storyOf(held);
    try {
      const payload = type.payload.decode(held.payload);
      await handle({ id: story.id, payload, attempt: story.failures + 1, enqueuedAt: story.enqueuedAt }, signal);
      return { as: "done", held };
    } catch (error) {
      if (!gaveWay(error, signal)) return failure(type, held, story, error, chance);
      return isTimeout(signal.reason) ? failure(type, held, story, signal.reason, chance) : undefined;
    }
  }

  return {
    get runMs() {
      return runMs;
    },
    run(held, isReserved, owner) {
      if (!isReserved) slots.take();
      const leave = gate.enter();
      const begunAt = time.nowMs();
      const limit =
        type.timeoutMs === undefined
          ? undefined
          : timeLimit(type.timeoutMs, owner.signal, () => owner.stuck(held), time);
      void attempt(held, limit?.signal ?? owner.signal).then((settlement) => {
        limit?.end();
        const ms = time.nowMs() - begunAt;
        runMs = runMs === Infinity ? ms : runMs + (ms - runMs) / runsRemembered;
        leave();
        owner.ended(held, settlement);
        slots.giveBack();
      });
    },
    poisoned: (held, killed) => poisoned(type, held, killed),
  };
}

/** It was asked to end and did. */
const gaveWay = (error: unknown, { aborted, reason }: AbortSignal): boolean =>
  aborted && (error === reason || isNamed(error, "AbortError") || isCausedBy(error, reason));

/** What a consumer runs: its own part of a runner, from the start to the settlement. */
export interface Runs {
  /** @param isReserved whether it runs in a slot that was reserved for it */
  start(held: PendingEntry, isReserved: boolean): void;
  /** It is not run any more, having ended its worker in so many lone runs. */
  poison(held: PendingEntry, killed: number): void;
  /** Entries whose handlers do not heed their signal. */
  readonly stuck: ReadonlySet<string>;
  /** Resolves when nothing is left to settle. */
  settled(): Promise<void>;
  /** Ends the resending of settlements: what is not answered by now is unknown. */
  giveUp(): void;
}

export function runsOf(
  runner: Runner,
  settler: Settler,
  inFlight: Pick<InFlight, "drop">,
  life: Pick<ConsumerLife, "running">,
  onStuck: (held: PendingEntry) => void,
): Runs {
  const stuck = new Set<string>();
  const owner: RunOwner = {
    signal: life.running,
    /** What gave way to the signal is nobody's any more: it is handed back with all else, or another has it already. */
    ended(held, settlement) {
      stuck.delete(held.entry);
      if (settlement === undefined) inFlight.drop(held.entry);
      else settler.add(settlement);
    },
    stuck(held) {
      stuck.add(held.entry);
      onStuck(held);
    },
  };
  return {
    start: (held, isReserved) => runner.run(held, isReserved, owner),
    poison: (held, killed) => settler.add(runner.poisoned(held, killed)),
    stuck,
    settled: settler.idle,
    giveUp: settler.giveUp,
  };
}
