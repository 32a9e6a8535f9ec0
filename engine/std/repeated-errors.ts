/**
 * Reports an error at once, and the same error over and over as one with a count: an outage says the same many times a
 * second.
 */
import { after } from "./clock.ts";
import { guarded } from "./guarded.ts";
import { errorOf, messageOf } from "./thrown.ts";

export interface RepeatedErrors {
  /** As an Error, whatever it is. */
  report(thrown: unknown): void;
  /** Reports what was counted and not reported yet. */
  end(): void;
}

export const everyMs = 10_000;
/** So many different ones are kept apart. */
const kindsMax = 100;

interface Known {
  repeats: number;
  last: Error;
  readonly forget: () => void;
}

/** @param listener who hears of errors; when that fails nobody is left to hear */
export function repeatedErrors(listener: ((error: Error) => unknown) | undefined): RepeatedErrors {
  const known = new Map<string, Known>();
  const say = guarded(listener, () => {});

  /** What was counted since it was reported last; from then on it is counted anew, until it comes no more. */
  function sum(kind: string): void {
    const { repeats, last } = known.get(kind) ?? { repeats: 0 };
    known.delete(kind);
    if (last === undefined || repeats === 0) return;
    remember(kind, last);
    say(new Error(`${messageOf(last)} (${repeats} more of these in ${everyMs / 1000} s)`, { cause: last }));
  }

  function remember(kind: string, last: Error): void {
    known.set(kind, { repeats: 0, last, forget: after(everyMs, () => sum(kind)) });
  }

  return {
    report(thrown) {
      const error = errorOf(thrown);
      const its = kindOf(error);
      const kind = known.has(its) || known.size < kindsMax ? its : others;
      const same = known.get(kind);
      if (same !== undefined) {
        same.repeats++;
        same.last = error;
        return;
      }
      remember(kind, error);
      say(error);
    },
    end() {
      for (const [kind, { forget }] of known) {
        forget();
        sum(kind);
      }
      for (const { forget } of known.values()) forget();
      known.clear();
    },
  };
}

const others = "others";

/** Of two that differ by a number alone (a port, a slot, a job), one is as good as the other. */
const kindOf = (error: Error): string => messageOf(error).slice(0, 500).replaceAll(/\d+/g, "0");
