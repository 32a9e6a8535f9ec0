/**
 * No room reaches, by whatever way round, for one that reaches for it: found in the imports that there are, not in the
 * table.
 */
import { posix } from "node:path";
import { references, type Source } from "./references.ts";

/** One file for each step of the way round. */
export type Cycle = readonly string[];

/** The top folder, or the file that stands beside them: the package's doors. */
const roomOf = (path: string): string => posix.normalize(path).split("/")[0] ?? "";

const isCounted = (path: string): boolean => !/\.test\.ts$|(^|\/)testing\//.test(path);

/** Each cycle once, from the room whose name comes first; a type counts as much as a value. */
export function cycles(sources: readonly Source[]): Cycle[] {
  const steps = new Map<string, Map<string, string>>();
  for (const source of sources.filter(({ path }) => isCounted(path))) {
    const from = roomOf(source.path);
    for (const { isOurs, target, line } of references(source)) {
      const to = roomOf(target);
      if (!isOurs || to === from || !/\.[cm]?[jt]s$/.test(target) || !isCounted(target)) continue;
      const known = steps.get(from) ?? new Map<string, string>();
      steps.set(from, known);
      if (!known.has(to)) known.set(to, `${source.path}:${line} imports ${target}`);
    }
  }
  return [...steps.keys()].toSorted().flatMap((start) => cyclesFrom(start, steps));
}

/** The ways from a room back to it over rooms whose names come after its own. */
function cyclesFrom(start: string, steps: ReadonlyMap<string, ReadonlyMap<string, string>>): Cycle[] {
  const found: Cycle[] = [];
  const go = (room: string, way: readonly string[], seen: ReadonlySet<string>): void => {
    for (const [next, step] of steps.get(room) ?? []) {
      if (next === start) found.push([...way, step]);
      else if (next > start && !seen.has(next)) go(next, [...way, step], new Set([...seen, next]));
    }
  };
  go(start, [], new Set([start]));
  return found;
}
