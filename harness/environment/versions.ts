/** Versions as programs tell them, compared. */

/** Undefined where the text holds no version, as in builds that were given none. */
export function isAtLeast(text: string, [major, minor]: readonly [number, number]): boolean | undefined {
  const [, first, second] = /(\d+)\.(\d+)/.exec(text) ?? [];
  if (first === undefined) return undefined;
  return Number(first) > major || (Number(first) === major && Number(second) >= minor);
}
