/** Puts a worker together: in each part of its job type steps and a reader of its own, and what keeps the dead few. */
import type { JobType } from "./job-type.ts";
import { observedHandler, observedSteps } from "./observer.ts";
import type { Broker } from "./redis/broker.ts";
import type { Steps, Tools } from "./redis/steps.ts";
import { retain } from "./retention.ts";
import { sharedIn, type Shard } from "./shards.ts";
import type { Runtime } from "./worker/host.ts";
import type { WorkerPart } from "./worker/membership.ts";
import type { CheckedWorkOptions } from "./worker/options.ts";
import type { Handler } from "./worker/runner.ts";
import { workOn } from "./worker/worker.ts";

/** What all workers of an engine have in common. */
export interface Worksite {
  /** The names of its consumers begin with it. */
  readonly name: string;
  readonly runtime: Runtime;
  /** @param key of the shard that is read */
  readonly openReader: (key: string) => Broker;
  readonly makeSteps: (tools: Tools) => Steps;
}

/** Resolves when nothing is in flight any more, and its readers are closed. */
export async function workAt<Payload>(
  site: Worksite,
  shards: readonly Shard[],
  type: JobType<Payload>,
  handle: Handler<Payload>,
  options: CheckedWorkOptions,
): Promise<void> {
  const { name, runtime } = site;
  const { failed } = runtime;
  const { stop, deadLetters: retention, observer = {} } = options;
  const parts = shards
    .flatMap((shard) => partsIn(shard, type, site))
    .map((part) => ({ ...part, steps: observedSteps(part.steps, observer, failed) }));
  try {
    await Promise.all([
      workOn({ parts, name, runtime }, type, observedHandler(handle, observer, failed), options),
      ...(retention === undefined ? [] : [retain(shards.flatMap(sharedIn), retention, { stop, failed })]),
    ]);
  } finally {
    for (const { reader } of parts) reader.close();
  }
}

const partsIn = (
  { broker: commands, prefix, parts }: Shard,
  { payloadBytesMax }: Pick<JobType<unknown>, "payloadBytesMax">,
  { openReader, makeSteps, runtime }: Worksite,
): readonly WorkerPart[] =>
  parts.map(({ keys, priority, weight }) => {
    const reader = openReader(prefix);
    const failed = (message: string): void => runtime.failed(new Error(message));
    return {
      weight,
      commands,
      reader,
      steps: makeSteps({ commands, reader, keys, priority, payloadBytesMax, failed }),
    };
  });
