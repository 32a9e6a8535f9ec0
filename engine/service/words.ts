/** What a process of the engine is told by its flags and its environment, checked. */
import { whole } from "../options.ts";
import { StartError } from "./start-error.ts";

export interface ServiceWords {
  readonly host: string;
  readonly port: number;
  readonly payloadMax: number;
  readonly token: string | undefined;
}

/** A body is one text. */
export const payloadMost = 2 ** 28;

const loopback: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

const wholeNumber = (option: string, text: string, most: number, least = 0): number =>
  whole(least, most)(/^\d{1,16}$/.test(text) ? Number(text) : text, `--${option}`);

/** @throws StartError or RangeError for what cannot work */
export function wordsOf(
  values: { readonly host: string; readonly port: string; readonly payload: string },
  token: string | undefined,
): ServiceWords {
  if (token === "") throw new StartError("ENGINE_TOKEN is empty: unset it, or give it a value");
  if (token !== undefined && !/^[!-~]+$/.test(token))
    throw new StartError("ENGINE_TOKEN must be printable ASCII without spaces: a request can bring nothing else");
  if (token === undefined && !loopback.has(values.host))
    throw new StartError(`to listen on ${values.host}, where others reach it, it needs a token: set ENGINE_TOKEN`);
  return {
    host: values.host,
    port: wholeNumber("port", values.port, 65_535),
    payloadMax: wholeNumber("payload", values.payload, payloadMost, 1),
    token,
  };
}
