/** Replies of the broker are lists and texts of unknown shape until they were looked at. */

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

export const textOf = (value: unknown): string =>
  typeof value === "string" ? value : typeof value === "number" ? String(value) : "";

export const texts = (value: unknown): readonly string[] => list(value).map(textOf);

/** {name, value, name, value} */
export function pairs(value: unknown): ReadonlyMap<string, string> {
  const flat = texts(value);
  const map = new Map<string, string>();
  for (let at = 0; at + 1 < flat.length; at += 2) map.set(flat[at] ?? "", flat[at + 1] ?? "");
  return map;
}
