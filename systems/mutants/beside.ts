/**
 * Keys of a mutant's own: beside those of the engine, which says of any other under its prefix that it is left over.
 */
import type { Keys } from "../../engine/redis/keys.ts";

export const keyBeside = ({ jobs }: Keys, name: string): string => jobs.replace(/\{.*$/, name);
