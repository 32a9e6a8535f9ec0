/** What a user's code takes for a payload is text that the broker can carry, or is refused by name. */
import type { JobType } from "./job-type.ts";
import { unawaited } from "./std/guarded.ts";
import { messageOf, wordsFor } from "./std/thrown.ts";

type Named<Payload> = Pick<JobType<Payload>, "name" | "payload">;

/** @throws TypeError naming the job that its type does not take, and why not */
export const encoded = <Payload>({ name, payload: codec }: Named<Payload>, payload: Payload, index: number): string =>
  taken(name, index, () => {
    const text: unknown = atOnce(codec.encode(payload));
    if (typeof text !== "string") throw new TypeError(`\`encode\` of its payload gives text, not ${wordsFor(text)}`);
    if (!text.isWellFormed()) throw new TypeError(`its payload ${halfPair}`);
    return text;
  });

/** What came as JSON. @throws TypeError naming the job that its type does not take, and why not */
export const fromJson = <Payload>({ name, payload: codec }: Named<Payload>, value: unknown, index: number): Payload =>
  taken(name, index, () => atOnce(codec.from(value)));

/** What is wrong with a text that is not well-formed. */
export const halfPair =
  "has half of a surrogate pair, which UTF-8 cannot carry: send whole characters (`text.toWellFormed()`)";

function taken<T>(name: string, index: number, take: () => T): T {
  try {
    return take();
  } catch (error) {
    throw new TypeError(`${name} does not take job ${index}: ${messageOf(error)}`, { cause: error });
  }
}

/** What a codec or a schema answers. @throws TypeError for a promise, which would be taken for the answer itself */
export function atOnce<T>(answer: T | PromiseLike<T>): T {
  if (!isPromise(answer)) return answer;
  unawaited(answer, () => {}); // that it is a promise is told, and not what became of it
  throw new TypeError("a payload's codec and its schema have to be synchronous");
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
