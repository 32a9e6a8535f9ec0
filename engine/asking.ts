/** Questions to the broker whose answer is needed to go on: the caller hears of it when there is none. */
import type { Answer, Broker } from "./broker.ts";
import { settledWithin } from "./clock.ts";
import { list, textOf, texts } from "./reply.ts";

/** For a connection that is being made. */
const readyMs = 3000;

export const connected = (broker: Broker): Promise<boolean> => settledWithin(broker.whenReady(), readyMs);

/** @throws Error when there is no value */
export function valueOf(answer: Answer, name: string): unknown {
  if (answer.kind === "answer") return answer.value;
  throw new Error(`${name}: ${answer.message}`);
}

/** @throws Error when there is no answer */
export const ask = async (broker: Broker, name: string, ...args: readonly (string | number)[]): Promise<unknown> =>
  valueOf(await broker.command(name, ...args), name);

/** An entry of a stream: its id; name, value, name, value. */
export type Entry = readonly [id: string, fields: readonly string[]];

/** A stream from one bound of XRANGE to the other, page by page. @throws Error when the broker does not answer */
export async function* pagesOf(
  broker: Broker,
  key: string,
  { page, from = "-", to = "+" }: { readonly page: number; readonly from?: string; readonly to?: string },
): AsyncIterable<readonly Entry[]> {
  for (let start = from; ;) {
    const entries = list(await ask(broker, "XRANGE", key, start, to, "COUNT", page)).map((row): Entry => {
      const [id, fields] = list(row);
      return [textOf(id), texts(fields)];
    });
    yield entries;
    const last = entries.at(-1);
    if (entries.length < page || last === undefined) return;
    start = `(${last[0]}`;
  }
}
