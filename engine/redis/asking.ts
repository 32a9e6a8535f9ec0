/** Questions to the broker whose answer is needed to go on: the caller hears of it when there is none. */
import { settledWithin } from "../std/clock.ts";
import { stepBytesMax } from "./bounds.ts";
import type { Answer, Broker } from "./broker.ts";
import { list, textOf, texts } from "./reply.ts";
import { script } from "./script.ts";

/** For a connection that is being made. */
const readyMs = 3000;

export const connected = (broker: Broker): Promise<boolean> => settledWithin(broker.whenReady(), readyMs);

/** @throws Error when there is no value */
export function valueOf(answer: Answer, name: string): unknown {
  if (answer.kind === "answer") return answer.value;
  // Which line of which script it was says nothing to whoever asked.
  throw new Error(`${name}: ${answer.message.replace(/ script: \w+, on @user_script:\d+\.?$/, "")}`);
}

/** @throws Error when there is no answer */
export const ask = async (broker: Broker, name: string, ...args: readonly (string | number)[]): Promise<unknown> =>
  valueOf(await broker.command(name, ...args), name);

/** An entry of a stream: its id; name, value, name, value. */
export type Entry = readonly [id: string, fields: readonly string[]];

const pageScript = script("page");
const delayedScript = script("delayed");
/** Entries in a page. */
const page = 500;

/**
 * A stream from one bound of XRANGE to the other, page by page, each with as few bytes as a step may have.
 * @param without a field that is not needed
 * @throws Error when the broker does not answer
 */
export async function* pagesOf(
  broker: Broker,
  key: string,
  {
    from = "-",
    to = "+",
    bytes = stepBytesMax,
    without = "",
  }: { readonly from?: string; readonly to?: string; readonly bytes?: number; readonly without?: string } = {},
): AsyncIterable<readonly Entry[]> {
  for (let start = from; ;) {
    const answer = await broker.run(pageScript, [key], [start, to, page, bytes, without]);
    const [all, ...rows] = list(valueOf(answer, "a page"));
    const entries = rows.map((row): Entry => {
      const [id, fields] = list(row);
      return [textOf(id), texts(fields)];
    });
    yield entries;
    const last = entries.at(-1);
    if (all === 1 || last === undefined) return;
    start = `(${last[0]}`;
  }
}

/**
 * The members of a delayed set, in no order, page by page; without their payloads, a line feed is the last of them.
 * @throws Error when the broker does not answer
 */
export async function* delayedPagesOf(
  broker: Broker,
  key: string,
  { payloads }: { readonly payloads: boolean },
): AsyncIterable<readonly string[]> {
  for (let cursor = "0"; ;) {
    const asked = [cursor, page, stepBytesMax, payloads ? 1 : 0];
    const [next, ...members] = list(valueOf(await broker.run(delayedScript, [key], asked), "a page"));
    yield members.map(textOf);
    cursor = textOf(next);
    if (cursor === "0") return;
  }
}
