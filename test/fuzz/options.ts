/**
 * Throws odd values at the options of every door of the engine. Each door says by itself what it takes, and is held to
 * that: what fits is taken, and what does not is refused with a RangeError that names the option, before anything is
 * done.
 */
import { after } from "../../engine/std/clock.ts";
import { seeded, type NonEmpty, type Random } from "../../std/random.ts";
import type { Door } from "./contract.ts";
import { oddValue, thrown } from "./odd-values.ts";
import { openDoors, type OptionDoor } from "./option-doors.ts";

interface Mishandled {
  readonly seed: string;
  readonly what: string;
}

/** An option that was changed, and whether what it is now fits. */
interface Changed {
  readonly name: string;
  readonly value: unknown;
  readonly fits: boolean;
}

/** As sound options, but for some of them. */
function changedOptions(
  door: OptionDoor,
  random: Random,
): { readonly options: object; readonly changed: readonly Changed[] } {
  const options: Record<string, unknown> = { ...door.sound() };
  const names = Object.keys(door.takes);
  const changed = new Map<string, Changed>();
  for (let n = random.between(1, 2); n > 0; n--) {
    const name = names[random.below(names.length)] ?? "";
    if (random.below(12) === 0) {
      Object.defineProperty(options, name, { enumerable: true, configurable: true, get: thrown });
      changed.set(name, { name, value: "a getter that throws", fits: false });
    } else {
      const value = oddValue(random);
      Object.defineProperty(options, name, { enumerable: true, configurable: true, value });
      changed.set(name, { name, value, fits: door.takes[name]?.(value) ?? false });
    }
  }
  if (door.isStrict && random.below(12) === 0) {
    options["misspelled"] = 1;
    changed.set("misspelled", { name: "misspelled", value: 1, fits: false });
  }
  return { options, changed: [...changed.values()] };
}

/** What is wrong with how it was answered; undefined where nothing is. */
async function tried(door: OptionDoor, options: object, changed: readonly Changed[]): Promise<string | undefined> {
  const wrong = changed.filter(({ fits }) => !fits).map(({ name }) => name);
  try {
    await door.open(options);
  } catch (error) {
    if (!(error instanceof RangeError)) return `it throws ${error instanceof Error ? error.stack : typeof error}`;
    if (wrong.length === 0) return `what fits is refused: ${error.message}`;
    if (!(door.named?.test(error.message) ?? wrong.some((name) => error.message.includes(name))))
      return `none of ${wrong.join(", ")} is named: ${error.message}`;
    if (error.message.length > 1000) return `it takes ${error.message.length} characters to say so`;
    return undefined;
  }
  return wrong.length > 0 ? `what does not fit is taken: ${wrong.join(", ")}` : undefined;
}

async function oneCase(seed: string, doors: NonEmpty<OptionDoor>): Promise<string | undefined> {
  const random = seeded(seed);
  const door = random.pick(doors);
  const { options, changed } = changedOptions(door, random);
  const what = await tried(door, options, changed);
  // What was taken for a time is one that timers here can wait for.
  for (const { value, fits } of changed) if (fits && typeof value === "number") after(value, () => {})();
  return what === undefined ? undefined : `${door.name}: ${what}`;
}

export const options: Door = {
  about: "options of connect, job types, producers, enqueues, workers, dead letters, keys and the service's flags",
  async run(seed, cases) {
    const mishandled: Mishandled[] = [];
    const warned = ({ name, message }: Error): void => void mishandled.push({ seed, what: `${name}: ${message}` });
    process.on("warning", warned);
    await using doors = await openDoors();
    for (let n = 0; n < cases; n++) {
      const its = cases === 1 ? seed : `${seed}/${n}`;
      const what = await oneCase(its, doors.all);
      if (what !== undefined) mishandled.push({ seed: its, what });
    }
    await new Promise((resolve) => setImmediate(resolve)); // warnings come late
    process.off("warning", warned);
    return { cases, mishandled };
  },
};
