/**
 * The engine's only source of chance: names that are unique for ever, and jitter. Nothing here has to be repeatable.
 */
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

/** Chance as an argument: a test that needs the same choices each time gives its own. */
export interface Chance {
  uniqueName(): string;
  /** Evenly from [from, to). */
  between(from: number, to: number): number;
  shuffled<T>(from: readonly T[]): T[];
}

export const chance: Chance = { uniqueName, between, shuffled };
