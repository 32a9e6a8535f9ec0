/** A consumer of the group: its name, and its way to the broker. One of its own for each time that a worker joins. */
import type { Broker } from "../redis/broker.ts";
import type { Steps } from "../redis/steps.ts";
import { settledWithin } from "../std/clock.ts";
import type { Host } from "./host.ts";

/** What a worker has in a part of its own. */
export interface WorkerPart {
  readonly weight: number;
  readonly commands: Broker;
  /** Only for reads that wait. */
  readonly reader: Broker;
  readonly steps: Steps;
}

/** Who asks again until there is an answer. */
export interface Patient {
  /** Of the consumer. */
  readonly name: string;
  /** Resolves when it is worth trying again. */
  patience(): Promise<void>;
}

export interface Membership extends Patient {
  /** When the joining was sent. */
  readonly joinedAt: number;
  readonly steps: Steps;
  readonly commands: Broker;
  readonly reader: Broker;
}

/** When a worker is to stop. */
export interface Stop {
  readonly signal: AbortSignal;
  /** Resolves when the signal is aborted. */
  readonly whenAborted: Promise<void>;
}

export function stopAt(signal: AbortSignal): Stop {
  const whenAborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  return { signal, whenAborted };
}

/** Joins under a new name, as soon as the broker lets it; undefined when it is time to stop. */
export async function join(
  { steps, commands, reader }: WorkerPart,
  worker: string,
  stop: Stop,
  { time, chance }: Pick<Host, "time" | "chance">,
): Promise<Membership | undefined> {
  while (!stop.signal.aborted) {
    const name = `${worker}:${chance.uniqueName()}`;
    const joinedAt = time.nowMs();
    if (await steps.join(name)) {
      const patience = async (): Promise<void> => {
        await settledWithin(commands.whenReady(), 1000, time);
        await time.sleeper().sleep(chance.between(20, 60));
      };
      return { name, joinedAt, steps, commands, reader, patience };
    }
    await settledWithin(Promise.race([stop.whenAborted, commands.whenReady()]), 1000, time);
    await time.sleeper().sleep(50);
  }
  return undefined;
}
