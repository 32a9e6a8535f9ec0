/**
 * Whether an id was given to two jobs, for millions of them, in two passes over their prints: the first marks prints
 * that came twice, or look as if they had; the second keeps who has those, and they alone are compared, by 64 bits of
 * their prints.
 */
import { crc32 } from "node:zlib";
import type { Fields } from "./encode.ts";

/** Two prints of an id, as a record holds them: two ids that agree in both are one. None of an empty one. */
export function printsOf(id: string): Pick<Fields, "micros" | "aux"> {
  if (id === "") return {};
  // Both are needed: the first is short, and the second is not made to be collision-free.
  return { micros: crc32(id) || 1, aux: print53(id) };
}

/** A multiplicative hash of two words, folded into an integer that a double holds. */
function print53(text: string): number {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    high = Math.imul(high ^ unit, 2654435761);
    low = Math.imul(low ^ unit, 1597334677);
  }
  high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
  low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
  return (low & 0x1fffff) * 2 ** 32 + (high >>> 0);
}

export interface Receipts {
  /** Acknowledged jobs whose receipts had an id. */
  readonly told: number;
  /** Jobs that have an id in common, each group in ascending order; the first ten thousand of them. */
  readonly shared: readonly (readonly number[])[];
}

/** While it is read: two and a half bytes a job. */
export interface GrowingReceipts {
  told: number;
  /**
   * Bits by a part of the first print: it came. In the second pass its room is that of the kept: both prints and the
   * job of each.
   */
  readonly once: Uint32Array;
  /** It came again. */
  readonly again: Uint32Array;
  kept: number;
}

/**
 * Of those that share nothing one in twenty looks as if it did, and the one before it: there is just room for these.
 */
const bitsOfEach = 10;
const wordsOfKept = 3;
const roomLeast = 3_000;
const sharedKept = 10_000;

export function noReceipts(jobs: number): GrowingReceipts {
  const words = Math.ceil((jobs * bitsOfEach) / 32) + roomLeast;
  return { told: 0, once: new Uint32Array(words), again: new Uint32Array(words), kept: 0 };
}

/** The first pass. @param print the first one, not 0 */
export function addReceipt(receipts: GrowingReceipts, print: number): void {
  const { once, again } = receipts;
  const bit = bitOf(print, once.length);
  const word = bit >>> 5;
  const mask = 1 << (bit & 31);
  if (((once[word] ?? 0) & mask) === 0) once[word]! |= mask;
  else again[word]! |= mask;
  receipts.told++;
}

/** The second pass. Where there is no room any more, more ids are shared than anybody has to be told of. */
export function lookAgain(receipts: GrowingReceipts, job: number, print: number, aux: number): void {
  const { again, once } = receipts;
  const bit = bitOf(print, again.length);
  const at = receipts.kept * wordsOfKept;
  if ((((again[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 0 || at + wordsOfKept > once.length) return;
  once[at] = print;
  once[at + 1] = aux >>> 0;
  once[at + 2] = job;
  receipts.kept++;
}

const bitOf = (print: number, words: number): number => Math.floor((print / 2 ** 32) * words * 32);

/** After it the growing ones are of no use: their room is given back. */
export function receiptsOf({ told, once, again, kept }: GrowingReceipts): Receipts {
  const keyAt = (index: number): number =>
    (once[index * wordsOfKept] ?? 0) * 2 ** 21 + ((once[index * wordsOfKept + 1] ?? 0) >>> 11);
  const sorted = new Float64Array(again.buffer, 0, kept);
  for (let index = 0; index < kept; index++) sorted[index] = keyAt(index);
  sorted.sort();
  const twice = new Set<number>();
  for (let index = 1; index < kept && twice.size < sharedKept; index++)
    if (sorted[index] === sorted[index - 1]) twice.add(sorted[index] ?? 0);
  const groups = new Map<string, Set<number>>();
  for (let index = 0; index < kept && twice.size > 0; index++) {
    if (!twice.has(keyAt(index))) continue;
    const [print = 0, aux = 0, job = 0] = once.subarray(index * wordsOfKept, (index + 1) * wordsOfKept);
    const id = `${print}/${aux}`;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, new Set([job]));
    else group.add(job);
  }
  for (const { buffer } of [once, again]) if (buffer instanceof ArrayBuffer) buffer.transfer(0);
  const shared = [...groups.values()].filter(({ size }) => size > 1);
  return { told, shared: shared.map((group) => [...group].sort((a, b) => a - b)) };
}
