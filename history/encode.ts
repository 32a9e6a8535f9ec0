/**
 * Records to bytes and back, through typed views over one buffer: no allocation per record, and the tight loops of the
 * ledger builder read the same views. Typed arrays have the host's byte order, so this runs on little endian hosts
 * only.
 */
import { endianness } from "node:os";
import { checksum } from "../std/checksum.ts";
import {
  blockMark,
  kinds,
  magic,
  magicBefore,
  noJob,
  recordBytes,
  roles,
  type HistoryRecord,
  type Kind,
  type Role,
} from "./record.ts";

if (endianness() !== "LE") throw new Error("histories are little endian and read in place: this host is big endian");

/** One buffer of whole records, seen in each width. Slot n begins at byte n * recordBytes. */
export interface Slots {
  readonly bytes: Uint8Array;
  readonly u32: Uint32Array;
  readonly f64: Float64Array;
}

/** Who writes a file. */
export interface Author {
  readonly incarnation: number;
  readonly role: Role;
}

/** What a record says beside its time and kind; what is left out is 0. */
export type Fields = Omit<HistoryRecord, "at" | "kind">;

/** Where the fields of a slot lie, counted in that view's own units; `head` is kind, attempt and code in one word. */
export const slotU32 = { perSlot: 8, seq: 2, job: 3, head: 4, micros: 5 } as const;
export const slotF64 = { perSlot: 4, at: 0, aux: 3 } as const;

export const kindOf = (head: number): number => head & 0xff;
export const attemptOf = (head: number): number => (head >>> 8) & 0xff;
export const codeOf = (head: number): number => head >>> 16;

/** Kinds by their number. */
export const kindNames: readonly (Kind | undefined)[] = invert(kinds);
const roleNames: readonly (Role | undefined)[] = invert(roles);

function invert<Name extends string>(numbers: Readonly<Record<Name, number>>): readonly (Name | undefined)[] {
  const names: (Name | undefined)[] = [];
  for (const name in numbers) names[numbers[name]] = name;
  return names;
}

export function slots(count: number): Slots {
  const buffer = new ArrayBuffer(count * recordBytes);
  return { bytes: new Uint8Array(buffer), u32: new Uint32Array(buffer), f64: new Float64Array(buffer) };
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const [magicBytes, bytesBefore] = [bytesOf(magic), bytesOf(magicBefore)];

/** The word of a header in which its own checksum stands. */
const headerCheck = 7;

/**
 * Writes the header into slot 0: it is as long as a record, so that all records of a file stay aligned.
 * @returns what the first block is seeded with
 */
export function encodeHeader(to: Slots, author: Author): number {
  to.bytes.fill(0, 0, recordBytes);
  to.bytes.set(magicBytes);
  to.u32[2] = author.incarnation;
  to.u32[3] = roles[author.role];
  return (to.u32[headerCheck] = checksum(to.u32, 0, headerCheck, 0));
}

/** What a file begins with. */
export interface Header {
  readonly author: Author;
  /** What its first block is seeded with; undefined where it is of the format that had no blocks. */
  readonly sum: number | undefined;
}

/** Undefined when slot 0 holds no header of ours, or not as it was written. */
export function decodeHeader(from: Slots): Header | undefined {
  const begins = (bytes: Uint8Array): boolean => bytes.every((byte, index) => from.bytes[index] === byte);
  const role = roleNames[from.u32[3] ?? 0];
  if (role === undefined) return undefined;
  const author = { incarnation: from.u32[2] ?? 0, role };
  if (begins(bytesBefore)) return { author, sum: undefined };
  const sum = from.u32[headerCheck] ?? 0;
  return begins(magicBytes) && sum === checksum(from.u32, 0, headerCheck, 0) ? { author, sum } : undefined;
}

/** Where the fields of a block's head lie that a record does not have. */
export const headU32 = { sum: slotU32.micros, count: 6, before: 7 } as const;

/**
 * Makes a block of the records in slots `from + 1` to `to - 1`: its head goes to slot `from`.
 * @param before what `encodeHeader` or the last call gave
 */
export function sealBlock({ u32, f64 }: Slots, from: number, to: number, before: number): number {
  const word = from * slotU32.perSlot;
  const first = word + slotU32.perSlot;
  const sum = checksum(u32, first, to * slotU32.perSlot, before);
  f64[from * slotF64.perSlot + slotF64.at] = f64[(from + 1) * slotF64.perSlot + slotF64.at] ?? 0;
  u32[word + slotU32.seq] = u32[first + slotU32.seq] ?? 0;
  u32[word + slotU32.job] = noJob;
  u32[word + headU32.sum] = sum;
  u32[word + headU32.count] = to - from - 1;
  u32[word + headU32.before] = before;
  u32[word + slotU32.head] = headOf(u32, word);
  return sum;
}

/** Whether a block's head stands there, as it was written. */
export function isBlockHead({ u32 }: Slots, slot: number): boolean {
  const word = slot * slotU32.perSlot;
  const head = u32[word + slotU32.head] ?? 0;
  if (kindOf(head) !== blockMark || u32[word + slotU32.job] !== noJob) return false;
  const isIntact = headOf(u32, word) === head;
  u32[word + slotU32.head] = head;
  return isIntact;
}

/** Its mark and, in the other 24 bits, the checksum of all that is in it while they are 0, as they are afterwards. */
function headOf(u32: Uint32Array, word: number): number {
  u32[word + slotU32.head] = blockMark;
  return (blockMark | (checksum(u32, word, word + slotU32.perSlot, 0) << 8)) >>> 0;
}

/** Counts above what their field holds are kept at its maximum. */
export function encode(to: Slots, slot: number, seq: number, at: number, kind: Kind, fields: Fields): void {
  const word = slot * slotU32.perSlot;
  const double = slot * slotF64.perSlot;
  to.f64[double] = at;
  to.u32[word + slotU32.seq] = seq;
  to.u32[word + slotU32.job] = fields.job ?? 0;
  to.u32[word + slotU32.head] =
    kinds[kind] | (Math.min(fields.attempt ?? 0, 0xff) << 8) | (Math.min(fields.code ?? 0, 0xffff) << 16);
  to.u32[word + slotU32.micros] = Math.min(fields.micros ?? 0, 0xffffffff);
  to.f64[double + slotF64.aux] = fields.aux ?? 0;
}
