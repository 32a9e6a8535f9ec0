/** A worker: in each part of its job type one incarnation after the other, until it is asked to stop. They share its handlers. */
import type { Broker } from "./broker.ts";
import { nowMs, settledWithin, sleeper } from "./clock.ts";
import { beginWork, doom, doomed } from "./doom.ts";
import { storyOf, type Held } from "./entry.ts";
import { concurrencyKind, type JobType } from "./job-type.ts";
import { beginLife } from "./life.ts";
import { observerKinds, type Observer } from "./observer.ts";
import { callback, group, milliseconds, optional, optionsOf, or, signal, type Options } from "./options.ts";
import { uniqueName } from "./random.ts";
import { retentionKinds, type Retention } from "./retention.ts";
import { runnerOf, type Handler, type Job } from "./runner.ts";
import { seatsOf } from "./seats.ts";
import type { Verdict } from "./settlement.ts";
import type { Fate } from "./settler.ts";
import type { Steps } from "./steps.ts";
import { giveWayMs } from "./time-limit.ts";
import { guarded } from "./user-code.ts";

export interface Settled {
  readonly job: Pick<Job<unknown>, "id" | "attempt"> & { readonly text: string };
  readonly as: Verdict["as"];
  /** `refused`: the job is no longer this worker's, another has it. `unknown`: no answer came. */
  readonly fate: Fate;
}

export interface WorkOptions {
  /** Aborted: nothing new is started, what runs may finish within the grace. */
  readonly stop: AbortSignal;
  /** Handlers at once. Default: as the job type has it. */
  readonly concurrency?: number;
  readonly graceMs?: number;
  /** How often a worker looks for the dead. */
  readonly sweepMs?: number;
  readonly settled?: (settled: Settled) => void;
  /**
   * A handler did not heed its signal for 3 s after its job type's `timeoutMs`, and all workers of this process have stopped since: it has to end
   * the process now, and not in good order. Until it does, the job is nobody else's. Default: prints the message and exits with 70.
   */
  readonly onStuck?: (message: string) => void;
  /** For metrics. */
  readonly observer?: Observer;
  /** How many dead letters may stay, and for how long. Default: all, for ever. */
  readonly deadLetters?: Retention;
}

/** What a declaration says of its workers before there is one. */
export const howKinds = {
  concurrency: optional(concurrencyKind),
  graceMs: or(30_000, milliseconds(0)),
  deadLetters: optional(group(retentionKinds)),
};

const kinds = {
  ...howKinds,
  stop: signal,
  sweepMs: or(1000, milliseconds(10)),
  settled: optional(callback<NonNullable<WorkOptions["settled"]>>()),
  onStuck: optional(callback<NonNullable<WorkOptions["onStuck"]>>()),
  observer: optional(group(observerKinds)),
};

/** @throws RangeError for values that cannot work */
export const workOptionsOf = (given: WorkOptions): CheckedWorkOptions => optionsOf("work", given, kinds);
export type CheckedWorkOptions = Options<typeof kinds>;

/** What a worker needs in a part of its own. */
export interface Workplace {
  readonly weight: number;
  readonly commands: Broker;
  readonly reader: Broker;
  readonly steps: Steps;
}

/** Resolves when nothing is in hand any more. Never rejects for the broker's sake. */
export async function workOn<Payload>(
  {
    places,
    name,
    failed,
  }: {
    readonly places: readonly Workplace[];
    readonly name: string;
    readonly failed: (error: unknown) => void;
  },
  type: JobType<Payload>,
  handle: Handler<Payload>,
  options: CheckedWorkOptions,
): Promise<void> {
  const { onStuck = endProcess } = options;
  const stop = AbortSignal.any([options.stop, doomed]);
  const leave = beginWork();
  const { concurrency = type.concurrency } = options;
  const stopped = new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    stop.addEventListener("abort", () => resolve(), { once: true });
  });
  const stuck = (held: Held): void => {
    const message = `job ${storyOf(held).id} of ${type.name} runs on ${giveWayMs} ms after its time of ${type.timeoutMs} ms was over: only the end of its process ends it`;
    // Where that fails, the process still has to end.
    const end = guarded(onStuck, (error) => {
      failed(error);
      endProcess(message);
    });
    doom(() => end(message));
  };
  const runner = runnerOf(type, handle, concurrency, () => seats.pump());
  const seats = seatsOf(runner, concurrency, places.length > 1);

  const settled = guarded(options.settled, failed);
  const told = (verdict: Verdict, fate: Fate): void => settled(settledOf(verdict, fate));

  async function workIn({ weight, commands, reader, steps }: Workplace): Promise<void> {
    const endings = new Set<Promise<void>>();

    /** A consumer of its own; undefined when it is time to stop. */
    async function join(): Promise<{ readonly consumer: string; readonly joinedAt: number } | undefined> {
      while (!stop.aborted) {
        const consumer = `${name}:${uniqueName()}`;
        const joinedAt = nowMs();
        if (await steps.join(consumer)) return { consumer, joinedAt };
        await settledWithin(Promise.race([stopped, commands.whenReady()]), 1000);
        await sleeper().sleep(50);
      }
      return undefined;
    }

    for (let joined = await join(); joined !== undefined; joined = await join()) {
      const life = beginLife({
        ...joined,
        steps,
        commands,
        reader,
        runner,
        seats,
        weight,
        concurrency,
        told,
        stuck,
        failed,
        leaseMs: type.leaseMs,
        maxDeliveries: type.maxDeliveries,
        rememberMs: type.rememberMs,
        payloadBytesMax: type.payloadBytesMax,
        sweepMs: options.sweepMs,
        graceMs: options.graceMs,
      });
      await Promise.race([stopped, life.lost]);
      const ending = life.end().finally(() => endings.delete(ending));
      endings.add(ending);
    }
    await Promise.all(endings);
  }

  await Promise.all(places.map(workIn));
  await leave();
}

/** What the standard calls an internal software error. */
const stuckExitCode = 70;

function endProcess(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exit(stuckExitCode);
}

function settledOf({ as, held }: Verdict, fate: Fate): Settled {
  const { id, failures } = storyOf(held);
  return { job: { id, attempt: failures + 1, text: held.payload }, as, fate };
}
