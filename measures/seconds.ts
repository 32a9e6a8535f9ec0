/** The axis of every series: whole seconds since the origin. */
import { tickNs } from "../history/ledger.ts";

export const ticksPerSecond = 1e9 / tickNs;

export const secondsFrom = (count: number): readonly number[] => Array.from({ length: count }, (_, second) => second);
