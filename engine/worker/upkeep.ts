/**
 * Keeps a part in order, for all who use it: moves what is due, drops the producer ids that nobody uses any more,
 * forgets callers' keys.
 */
import { deadlineMsMax } from "../producer/idempotent-producer.ts";
import type { Steps } from "../redis/steps.ts";
import { repeat, type Time } from "../std/clock.ts";
import { failureDetector } from "./failure-detector.ts";
import type { Runtime } from "./host.ts";
import type { ConsumerLife } from "./life.ts";

const promoteMs = 200;

/**
 * Each in a loop of its own while the consumer lives. Resolves when it takes nothing new any more, and no step is under
 * way.
 */
export async function keepUp(
  steps: Pick<Steps, "promote" | "sequences" | "dropSequence" | "ticks" | "tick">,
  rememberMs: number,
  life: Pick<ConsumerLife, "taking" | "holds">,
  { time, chance, failed }: Pick<Runtime, "time" | "chance" | "failed">,
): Promise<void> {
  const whileAlive = (step: () => Promise<unknown>, pauseMs: () => number): Promise<void> =>
    repeat(
      async () => {
        if (life.holds()) await step();
        return pauseMs();
      },
      { stop: life.taking, bed: time.sleeper(), failed },
    );
  const sweep = sequenceSweeper(steps, time);
  const forgetter = forgetterOf(steps, rememberMs, time);
  await Promise.all([
    whileAlive(
      () => steps.promote(),
      () => promoteMs * chance.between(0.8, 1.2),
    ),
    whileAlive(sweep, () => sequenceSweepMs * chance.between(0.8, 1)),
    whileAlive(forgetter.look, () => forgetter.tickMs * chance.between(1.05, 1.2)),
  ]);
}

/** No producer waits for an answer any more when its sequence number has not moved for this long. */
const sequenceMs = 2 * deadlineMsMax;
const sequenceSweepMs = 60_000;

/** Looks at the sequence numbers once, and drops those that have stood still for long. */
function sequenceSweeper(steps: Pick<Steps, "sequences" | "dropSequence">, time: Time): () => Promise<void> {
  const numbers = failureDetector(2 * sequenceSweepMs, time);
  return async () => {
    const sequences = await steps.sequences();
    if (sequences === undefined) return numbers.outOfTouch();
    for (const { name, value, stillMs } of numbers.look(sequences)) {
      if (stillMs >= sequenceMs) await steps.dropSequence(name, value);
    }
  };
}

const tickMsMax = 60_000;
const ticksPerGeneration = 10;

/**
 * How callers' keys are forgotten whose deduplication window is over: generation by generation, by ticks. No clock of
 * the broker's takes part, for a jump of it would bend the time.
 */
function forgetterOf(
  steps: Pick<Steps, "ticks" | "tick">,
  rememberMs: number,
  time: Time,
): { readonly tickMs: number; readonly look: () => Promise<void> } {
  const tickMs = Math.min(rememberMs / ticksPerGeneration, tickMsMax);
  const generation = Math.ceil(rememberMs / tickMs);
  const counter = failureDetector(2 * tickMs, time);
  return {
    tickMs,
    /** To be called about once a tick: what did not move for one moves on. */
    async look() {
      for (let ticked: boolean | undefined = true; ticked === true;) {
        const seen = await steps.ticks();
        if (seen === undefined) return counter.outOfTouch();
        const [still] = counter.look(new Map([["ticks", seen]]));
        ticked = still !== undefined && still.stillMs >= tickMs && (await steps.tick(seen, generation));
      }
    },
  };
}
