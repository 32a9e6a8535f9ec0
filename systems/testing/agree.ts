/** What was found against what was expected: plain errors that say both, for whatever runs the tests. */
import { inspect, isDeepStrictEqual } from "node:util";

const brief = { depth: 4, breakLength: Infinity, maxArrayLength: 5, maxStringLength: 200 } as const;
const namedMax = 3;

export function agree(what: string, found: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(found, expected))
    throw new Error(`${what}: expected ${inspect(expected, brief)}, found ${inspect(found, brief)}`);
}

/** Texts in any order, each as often as it is expected. */
export function agreeAll(what: string, found: readonly string[], expected: readonly string[]): void {
  const missing = without(expected, found);
  const surplus = without(found, expected);
  if (missing.length + surplus.length === 0) return;
  const parts = [
    ...(missing.length > 0 ? [`${missing.length} missing, such as ${named(missing)}`] : []),
    ...(surplus.length > 0 ? [`${surplus.length} not expected, such as ${named(surplus)}`] : []),
  ];
  throw new Error(`${what}: expected ${expected.length}, found ${found.length}; ${parts.join("; ")}`);
}

/** What is left of those when each of these was taken away once. */
function without(those: readonly string[], these: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const one of these) left.set(one, (left.get(one) ?? 0) + 1);
  return those.filter((one) => {
    const count = left.get(one) ?? 0;
    left.set(one, count - 1);
    return count <= 0;
  });
}

const named = (texts: readonly string[]): string =>
  texts
    .slice(0, namedMax)
    .map((text) => inspect(text, brief))
    .join(", ");
