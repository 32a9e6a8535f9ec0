/** The engine's only source of chance: names that are unique for ever, and jitter. Nothing here has to be repeatable. */
import { randomBytes } from "node:crypto";

/** 60 bits in twelve characters. */
export const uniqueName = (): string => {
  const alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  return Array.from(randomBytes(12), (byte) => alphabet[byte % 32]).join("");
};

/** Evenly from [from, to). */
export const between = (from: number, to: number): number => from + Math.random() * (to - from);

/** The same members in another order. */
export function shuffled<T>(from: readonly T[]): T[] {
  return from
    .map((member) => ({ member, place: Math.random() }))
    .toSorted((a, b) => a.place - b.place)
    .map(({ member }) => member);
}
