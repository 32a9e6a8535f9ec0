/**
 * A worker: in each part of its job type one consumer after the other, until it is asked to stop. They share its
 * capacity.
 */
import type { JobType } from "../job-type.ts";
import { storyOf, type PendingEntry } from "../redis/entry.ts";
import type { SettlementRequest, SettlementResult } from "../redis/settlement.ts";
import { guarded } from "../std/guarded.ts";
import { capacityOf } from "./capacity.ts";
import { beginConsumer, type WorkerCore, type WorkerSettings } from "./consumer.ts";
import { handlerSlots } from "./handler-slots.ts";
import type { Runtime } from "./host.ts";
import { join, stopAt, type Stop, type WorkerPart } from "./membership.ts";
import type { CheckedWorkOptions, Settled } from "./options.ts";
import { runnerOf, type Handler } from "./runner.ts";
import { giveWayMs } from "./time-limit.ts";

/** Where a worker works. */
export interface Workplace {
  readonly parts: readonly WorkerPart[];
  /** The names of its consumers begin with it. */
  readonly name: string;
  readonly runtime: Runtime;
}

/** Resolves when nothing is in flight any more. Never rejects for the broker's sake. */
export async function workOn<Payload>(
  { parts, name, runtime }: Workplace,
  type: JobType<Payload>,
  handle: Handler<Payload>,
  options: CheckedWorkOptions,
): Promise<void> {
  const { exit, failed } = runtime;
  const { concurrency = type.concurrency } = options;
  const stop = stopAt(AbortSignal.any([options.stop, exit.requested]));
  const leave = exit.enter();
  const slots = handlerSlots(concurrency);
  const runner = runnerOf(type, handle, slots, runtime);
  const core: WorkerCore = {
    settings: settingsOf(type, options),
    slots,
    runner,
    capacity: capacityOf(slots, runner, parts.length > 1, runtime),
    runtime,
    on: {
      settled: settledTo(options.settled, failed),
      stuck: stuckTo(options.onStuck ?? endProcess, type, runtime),
    },
  };
  await Promise.all(parts.map((part) => workIn(part, name, stop, core)));
  await leave();
}

const settingsOf = (
  { leaseMs, maxDeliveries, rememberMs, payloadBytesMax }: Omit<WorkerSettings, "sweepMs" | "graceMs">,
  { sweepMs, graceMs }: CheckedWorkOptions,
): WorkerSettings => ({ leaseMs, sweepMs, graceMs, maxDeliveries, rememberMs, payloadBytesMax });

async function workIn(part: WorkerPart, name: string, stop: Stop, core: WorkerCore): Promise<void> {
  const endings = new Set<Promise<void>>();
  for (;;) {
    const membership = await join(part, name, stop, core.runtime);
    if (membership === undefined) break;
    const consumer = beginConsumer(membership, part.weight, core);
    await Promise.race([stop.whenAborted, consumer.lost]);
    const ending = consumer.end().finally(() => endings.delete(ending));
    endings.add(ending);
  }
  await Promise.all(endings);
}

function settledTo(
  listener: CheckedWorkOptions["settled"],
  failed: (error: unknown) => void,
): WorkerCore["on"]["settled"] {
  if (listener === undefined) return () => {};
  const report = guarded(listener, failed);
  return (request, result) => report(settledOf(request, result));
}

function settledOf({ as, held }: SettlementRequest, fate: SettlementResult): Settled {
  const { id, failures } = storyOf(held);
  return { job: { id, attempt: failures + 1, text: held.payload }, as, fate };
}

/** Has all workers of the process stop, and then the process end. */
function stuckTo(
  onStuck: (message: string) => void,
  { name, timeoutMs }: Pick<JobType<unknown>, "name" | "timeoutMs">,
  { exit, failed }: Pick<Runtime, "exit" | "failed">,
): (held: PendingEntry) => void {
  return (held) => {
    const message =
      `job ${storyOf(held).id} of ${name} runs on ${giveWayMs} ms after its time of ${timeoutMs} ms was over: ` +
      "only the end of its process ends it";
    // Where that fails, the process still has to end.
    const end = guarded(onStuck, (error) => {
      failed(error);
      endProcess(message);
    });
    exit.request(() => end(message));
  };
}

/** What the standard calls an internal software error. */
const stuckExitCode = 70;

function endProcess(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exit(stuckExitCode);
}
