/** Tells an error at once, and the same error over and over as one with a count: an outage says the same many times a second. */
import { after } from "./clock.ts";

export interface Telling {
  tell(error: Error): void;
  /** Tells what was counted and not told yet. */
  end(): void;
}

export const everyMs = 10_000;
/** So many different ones are told apart. */
const kindsMax = 100;

interface Known {
  repeats: number;
  last: Error;
  readonly forget: () => void;
}

/** @param tell what it throws is nobody's any more: there is nobody left to tell */
export function toldOnce(tell: (error: Error) => void): Telling {
  const known = new Map<string, Known>();

  function say(error: Error): void {
    try {
      tell(error);
    } catch {
      // the one who was to hear of errors has one
    }
  }

  /** What was counted since it was told last; from then on it is counted anew, until it comes no more. */
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
    tell(error) {
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

/** An error of a caller's own may throw when it is read. */
function messageOf(error: Error): string {
  try {
    const { message }: { readonly message: unknown } = error;
    return typeof message === "string" ? message : "an error without a message";
  } catch {
    return "an error that cannot be read";
  }
}
