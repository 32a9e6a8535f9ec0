/** The one option that most faults share: how long, between two bounds. */
import { z } from "zod";
import type { Random } from "../std/random.ts";

/** Milliseconds, both ends included. */
export const lastsMs = z
  .tuple([z.int().min(100), z.int()])
  .readonly()
  .refine(([shortest, longest]) => shortest <= longest, "the shortest first, then the longest")
  .default([2000, 5000])
  .describe("for how long it is in force: drawn between the two, ms");

export const drawLasting = ([shortest, longest]: readonly [number, number], random: Random): number =>
  random.fork("lasts").between(shortest, longest);
