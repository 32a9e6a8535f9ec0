/** An adapter's scan, taken page by page: a page has a deadline, and between two of them the event loop has a turn. */
import { places } from "../../history/record.ts";
import { monotonic } from "../../std/clock.ts";
import { entrusted, ForeignError, named } from "../../std/entrusted.ts";
import type { Place } from "../../systems/contract.ts";

export interface ScanTerms {
  /** For sentences: `system "orders"`. */
  readonly name: string;
  /** For each page. */
  readonly patienceMs: number;
  /** A scan that shows more than this does not end. */
  readonly placesMax: number;
}

/** A page is full, or as long as it may take once there is something on it. */
const page = { places: 1000, ms: 500 };

/**
 * @throws ForeignError when a page does not come in time, when it holds what is no place, and when there is no end of
 * them
 */
export async function* pages(
  scan: () => AsyncIterable<Place>,
  { name, patienceMs, placesMax }: ScanTerms,
): AsyncIterable<Place> {
  const what = `${name}: scan`;
  const asked = <T>(call: () => T | PromiseLike<T>): Promise<T> => named(what, () => entrusted(what, call, patienceMs));
  let seen = 0;
  const source = await asked(() => iteratorOf(scan(), what));
  let isOver = false;
  try {
    while (!isOver) {
      isOver = true; // also when what follows throws: nothing can be asked of it any more
      const next = await asked(() => pageOf(source, what));
      isOver = next.isLast;
      seen += next.places.length;
      if (seen > placesMax)
        throw new ForeignError("junk", `${what} does not end: it showed more than ${placesMax} places`);
      yield* next.places;
    }
  } finally {
    if (!isOver) await asked(() => source.return?.());
  }
}

/** Also of an array, or of a promise of any of it, which no contract speaks of, and no harm is in. */
async function iteratorOf(given: unknown, what: string): Promise<AsyncIterator<unknown> | Iterator<unknown>> {
  const scan: unknown = await given;
  if (isIterable(scan)) return Symbol.asyncIterator in scan ? scan[Symbol.asyncIterator]() : scan[Symbol.iterator]();
  throw new ForeignError("junk", `${what} gave ${shown(scan)}, and nothing to go through`);
}

const isIterable = (value: unknown): value is AsyncIterable<unknown> | Iterable<unknown> =>
  typeof value === "object" && value !== null && (Symbol.asyncIterator in value || Symbol.iterator in value);

async function pageOf(
  source: AsyncIterator<unknown> | Iterator<unknown>,
  what: string,
): Promise<{ readonly places: readonly Place[]; readonly isLast: boolean }> {
  const found: Place[] = [];
  const startNs = monotonic.nowNs();
  while (found.length < page.places && (found.length === 0 || monotonic.nowNs() - startNs < page.ms * 1e6)) {
    const { done, value } = await source.next();
    if (done === true) return { places: found, isLast: true };
    if (!isPlace(value)) throw new ForeignError("junk", `${what} showed ${shown(value)}, which is no place`);
    found.push(value);
  }
  return { places: found, isLast: false };
}

function isPlace(value: unknown): value is Place {
  if (typeof value !== "object" || value === null) return false;
  if ("at" in value) {
    if (!isPlaceName(value.at) || !("payload" in value) || typeof value.payload !== "string") return false;
    return value.at !== "dead" || ("entry" in value && typeof value.entry === "object" && value.entry !== null);
  }
  if (!("count" in value) || typeof value.count !== "number") return false;
  return "leftover" in value
    ? typeof value.leftover === "string"
    : "cardinality" in value && isPlaceName(value.cardinality);
}

const isPlaceName = (value: unknown): boolean => typeof value === "string" && Object.hasOwn(places, value);

/** In few words. */
export function shown(value: unknown): string {
  const text = typeof value === "object" && value !== null ? (JSON.stringify(value) ?? "an object") : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}
