/**
 * Whether an id was given to two jobs, for millions of them, in two passes over their prints: the first marks prints that came
 * twice, or look as if they had; the second keeps who has those, and they alone are compared.
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

/** While it is read: four bytes a job in the first pass, two in the second. */
export interface GrowingReceipts {
  told: number;
  /** Bits by a part of the first print: it came; it came again. */
  once: Uint32Array;
  readonly again: Uint32Array;
  readonly jobs: number[];
  readonly micros: number[];
  readonly aux: number[];
}

/** Sixteen bits a job: of those that share nothing, one in thirty looks as if it did. */
const bitsOfEach = 16;
const sharedKept = 10_000;

export const noReceipts = (jobs: number): GrowingReceipts => ({
  told: 0,
  once: new Uint32Array(Math.ceil((jobs * bitsOfEach) / 32)),
  again: new Uint32Array(Math.ceil((jobs * bitsOfEach) / 32)),
  jobs: [],
  micros: [],
  aux: [],
});

/** The first pass. @param micros the first print, not 0 */
export function addReceipt(receipts: GrowingReceipts, micros: number): void {
  const { once, again } = receipts;
  const bit = Math.floor((micros / 2 ** 32) * once.length * 32);
  const word = bit >>> 5;
  const mask = 1 << (bit & 31);
  if (((once[word] ?? 0) & mask) === 0) once[word]! |= mask;
  else again[word]! |= mask;
  receipts.told++;
}

/** Between the passes: what came once is of no use any more. */
export function endFirstPass(receipts: GrowingReceipts): GrowingReceipts {
  receipts.once = new Uint32Array(0);
  return receipts;
}

/** The second pass. As many are kept as chance explains, and some more: beyond that there is no doubt that ids are shared. */
export function lookAgain(receipts: GrowingReceipts, job: number, micros: number, aux: number): void {
  const { again, jobs } = receipts;
  const bit = Math.floor((micros / 2 ** 32) * again.length * 32);
  if ((((again[bit >>> 5] ?? 0) >>> (bit & 31)) & 1) === 0 || jobs.length > again.length / 4 + 10_000) return;
  jobs.push(job);
  receipts.micros.push(micros);
  receipts.aux.push(aux);
}

export function receiptsOf({ told, jobs, micros, aux }: GrowingReceipts): Receipts {
  const sorted = Float64Array.from(aux).sort();
  const twice = new Set<number>();
  for (let index = 1; index < sorted.length; index++)
    if (sorted[index] === sorted[index - 1]) twice.add(sorted[index] ?? 0);
  const groups = new Map<string, Set<number>>();
  for (const [index, job] of jobs.entries()) {
    if (!twice.has(aux[index] ?? 0)) continue;
    const id = `${micros[index]}/${aux[index]}`;
    const group = groups.get(id);
    if (group !== undefined) group.add(job);
    else if (groups.size < sharedKept) groups.set(id, new Set([job]));
  }
  const shared = [...groups.values()].filter(({ size }) => size > 1);
  return { told, shared: shared.map((group) => [...group].sort((a, b) => a - b)) };
}
