/**
 * A job as it stands in Redis: field `m` says who it is and what befell it, field `p` is its payload, byte for byte.
 *
 *   m of a new job    id@enqueuedAtMs                        the id is producer-batch-index; behind it " " and, as
 *                                                            JSON, its caller's key, where it gave one
 *   m of a retry      ["id",failures,enqueuedAtMs,[error,...],key]
 *   delayed member    m LF p                                 no LF in m: JSON escapes it
 */
import { errorText } from "../std/thrown.ts";
import { list, textOf } from "./reply.ts";

/**
 * An entry of the consumer group's PEL, as it was delivered: entry id and delivery count are the fencing token that a
 * settlement must show.
 */
export interface PendingEntry {
  readonly entry: string;
  readonly deliveries: number;
  readonly meta: string;
  readonly payload: string;
}

export interface Story {
  readonly id: string;
  /** Handler failures so far. A crash is none. */
  readonly failures: number;
  /** By the broker's clock, ms since 1970. */
  readonly enqueuedAt: number;
  /** The first error and, where there were more, the latest. */
  readonly errors: readonly string[];
  /** Its caller's. */
  readonly key?: string;
}

export function storyOf({ meta }: Pick<PendingEntry, "meta">): Story {
  if (!meta.startsWith("[")) {
    const [id, enqueuedAt, key] = firstParts(meta);
    return { id, failures: 0, enqueuedAt: Number(enqueuedAt), errors: [], ...(key !== undefined && { key }) };
  }
  const [id, failures, enqueuedAt, errors, key]: [string, number, number, string[], string?] = JSON.parse(meta);
  return { id, failures, enqueuedAt, errors, ...(key !== undefined && { key }) };
}

function firstParts(meta: string): readonly [id: string, enqueuedAt: string, key?: string] {
  const at = meta.indexOf("@");
  const space = meta.indexOf(" ", at);
  if (space === -1) return [meta.slice(0, at), meta.slice(at + 1)];
  return [meta.slice(0, at), meta.slice(at + 1, space), JSON.parse(meta.slice(space + 1))];
}

/** The story after one more failure. */
export function failedOnce(story: Story, error: unknown): Story {
  const latest = errorText(error);
  const [first] = story.errors;
  return { ...story, failures: story.failures + 1, errors: first === undefined ? [latest] : [first, latest] };
}

export const delayedMember = ({ id, failures, enqueuedAt, errors, key }: Story, payload: string): string =>
  `${JSON.stringify([id, failures, enqueuedAt, errors, ...(key === undefined ? [] : [key])])}\n${payload}`;

/** The parts of a member of the delayed set. */
export function delayedParts(member: string): { readonly meta: string; readonly payload: string } {
  const cut = member.indexOf("\n");
  return { meta: member.slice(0, cut), payload: member.slice(cut + 1) };
}

/** Fields as Redis lists them: name, value, name, value. */
export const fieldOf = (fields: readonly string[], name: string): string | undefined => {
  for (let at = 0; at < fields.length; at += 2) if (fields[at] === name) return fields[at + 1];
  return undefined;
};

/** The smallest and the largest of stream ids, which are numbers in two parts. */
export function span(entries: readonly string[]): readonly [string, string] {
  let min = "";
  let max = "";
  for (const entry of entries) {
    if (min === "" || isBefore(entry, min)) min = entry;
    if (max === "" || isBefore(max, entry)) max = entry;
  }
  return [min, max];
}

/**
 * Of two ids of stream entries. As numbers, part by part: without leading zeros, the longer is the larger. Compared as
 * text, since every settlement asks.
 */
export function isBefore(a: string, b: string): boolean {
  const dash = a.indexOf("-");
  if (dash !== b.indexOf("-")) return dash < b.indexOf("-");
  const sameMs = a.startsWith(b.slice(0, dash));
  return sameMs && a.length !== b.length ? a.length < b.length : a < b;
}

/** [id, [field, value, ...]] of an entry that nobody had before. The engine writes `m` before `p`. */
export function fresh(entry: unknown): PendingEntry {
  const [id, fields] = list(entry);
  const [, meta, , payload] = list(fields);
  return { entry: textOf(id), deliveries: 1, meta: textOf(meta), payload: textOf(payload) };
}

/** [id, deliveries, [field, value, ...]] */
export function redelivered(entry: unknown): PendingEntry {
  const [id, deliveries, fields] = list(entry);
  const [, meta, , payload] = list(fields);
  return { entry: textOf(id), deliveries: Number(deliveries), meta: textOf(meta), payload: textOf(payload) };
}
