/** Where the sketch keeps things: a stream that only grows, another for the dead, and what waits for its retry. */

export interface SketchKeys {
  readonly jobs: string;
  readonly dlq: string;
  readonly delayed: string;
}

export const keysOf = (namespace: string): SketchKeys => ({
  jobs: `${namespace}:jobs`,
  dlq: `${namespace}:jobs:dlq`,
  delayed: `${namespace}:jobs:delayed`,
});

export const group = "workers";

/** What stands in an entry of the stream, and in a member of the delayed set, where it is JSON. */
export interface Message {
  readonly payload: string;
  /** Seconds since 1970 by the clock of whoever enqueued it. */
  readonly created_at: string;
  readonly retries: string;
}

/** name, value, name, value */
export const fieldsOf = (message: Message): readonly string[] => Object.entries(message).flat();

export function messageOf(fields: ReadonlyMap<string, string>): Message {
  const field = (name: string): string => fields.get(name) ?? "";
  return { payload: field("payload"), created_at: field("created_at"), retries: field("retries") };
}

/** [id, [name, value, ...]] as the store lists entries; the fields of one that is gone are none. */
export function entryOf(entry: unknown): { readonly id: string; readonly fields: ReadonlyMap<string, string> } {
  const [id, flat] = Array.isArray(entry) ? entry : [];
  return { id: String(id), fields: pairsOf(flat) };
}

export function pairsOf(flat: unknown): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  if (!Array.isArray(flat)) return fields;
  for (let at = 0; at + 1 < flat.length; at += 2) fields.set(String(flat[at]), String(flat[at + 1]));
  return fields;
}

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
