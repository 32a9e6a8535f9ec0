/** Options that many faults share: a quantity between two bounds, and the one that most have, how long. */
import { z } from "zod";
import type { Random } from "../std/random.ts";

export type Range = readonly [number, number];

/** Whole numbers, both ends included. */
export const bounds = (lowest: number, highest: number = Number.MAX_SAFE_INTEGER) =>
  z
    .tuple([z.int().min(lowest).max(highest), z.int().max(highest)])
    .readonly()
    .refine(([least, most]) => least <= most, "the smaller first, then the larger");

const described = "for how long it is in force: drawn between the two, ms";

/** Milliseconds. */
export const lasting = (shortest: number, longest: number) =>
  bounds(100).default([shortest, longest]).describe(described);
export const lastsMs = lasting(2000, 5000);

export const drawLasting = ([shortest, longest]: Range, random: Random): number =>
  random.fork("lasts").between(shortest, longest);
