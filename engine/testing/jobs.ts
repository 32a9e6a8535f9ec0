/** What the engine's tests enqueue, and how they look at what is held. */
import type { DeadJob, DeadLetterFilter, Engine, Found, JobType, NewJob } from "../index.ts";
import { deadlineMs, eventually } from "./deadline.ts";
import { workHere } from "./workers.ts";

type Terms = Omit<NewJob<unknown>, "payload">;

/** Everything that is held, without counts that agree and leftovers that are none. */
export async function heldBy(engine: Engine, type: JobType<string>): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const one of engine.inspect(type)) found.push(one);
  const at = (place: string): number => found.filter((one) => "at" in one && one.at === place).length;
  return found.filter((one) => !("count" in one) || ("of" in one ? at(one.of) !== one.count : one.count > 0));
}

/** A job for each payload, with the same terms or with its own. */
export const jobsOf = <Payload>(
  payloads: readonly Payload[],
  terms: Terms | ((payload: Payload, index: number) => Terms) = {},
): readonly NewJob<Payload>[] =>
  payloads.map((payload, index) => ({ payload, ...(typeof terms === "function" ? terms(payload, index) : terms) }));

/** Enqueues them and lets them die, in order; the error names the payload. */
export async function kill(engine: Engine, type: JobType<string>, payloads: readonly string[]): Promise<void> {
  await using worker = workHere(
    engine,
    type,
    async ({ payload, attempt }) => {
      throw new Error(`${payload} failed on ${attempt}`);
    },
    { concurrency: 1 },
  );
  await engine.producer(type).enqueue(jobsOf(payloads));
  await eventually(() => worker.settlements.filter(({ as }) => as === "dead").length === payloads.length, {
    deadlineMs,
    awaited: "all to be dead",
  });
}

/** Every dead letter that is asked for. */
export async function lettersOf(
  engine: Engine,
  type: JobType<string>,
  which?: DeadLetterFilter,
): Promise<readonly DeadJob[]> {
  const letters: DeadJob[] = [];
  for await (const letter of engine.deadLetters(type).list(which)) letters.push(letter);
  return letters;
}
