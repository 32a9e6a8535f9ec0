/**
 * What the workers of a process have in common, whichever engine they are of: time, chance, and the process itself,
 * which ends for all of them.
 */
import { monotonic, type Time } from "../std/clock.ts";
import { chance, type Chance } from "../std/random.ts";
import { gateOf, type Gate } from "./poison/gate.ts";
import { processExit, type ProcessExit } from "./process-exit.ts";

export interface Host {
  readonly time: Time;
  readonly chance: Chance;
  /** Whether a handler may begin: a suspect of poison has the process to itself. */
  readonly gate: Gate;
  readonly exit: ProcessExit;
}

export const hostOf = (time: Time = monotonic, chosen: Chance = chance): Host => ({
  time,
  chance: chosen,
  gate: gateOf(time),
  exit: processExit(),
});

/** The same, with where errors are reported that end nothing. */
export interface Runtime extends Host {
  readonly failed: (error: unknown) => void;
}
