/** How a process ended that nobody had asked to go, in words; and how many of them there is room for. */
import type { Death } from "../history/ledger.ts";
import { plural } from "./figures.ts";

/** `exit code 70`, `SIGABRT`. */
export const howEnded = ({ code, signal }: Death): string => signal ?? `exit code ${code}`;

export const whoseDoing = ({ by }: Death): string =>
  by === "itself" ? "by itself" : "by a signal that nobody of the run had sent";

/** `3 processes ended by themselves`; also for those that others ended. */
export function deathsCounted(deaths: readonly Death[]): string {
  const own = deaths.filter(({ by }) => by === "itself").length;
  const others = deaths.length - own;
  return [
    ...(own === 0 ? [] : [`${plural(own, "process", "processes")} ended by ${own === 1 ? "itself" : "themselves"}`]),
    ...(others === 0
      ? []
      : [`${plural(others, "process", "processes")} ${others === 1 ? "was" : "were"} ended by others`]),
  ].join(", ");
}

/** Where each has a row of its own. */
export const deathsTold = 20;
