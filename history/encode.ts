/**
 * Records to bytes and back, through typed views over one buffer: no allocation per record, and the tight loops of the
 * ledger builder read the same views. Typed arrays have the host's byte order, so this runs on little endian hosts only.
 */
import { endianness } from "node:os";
import { kinds, magic, recordBytes, roles, type HistoryRecord, type Kind, type Role } from "./record.ts";

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

const magicBytes = new TextEncoder().encode(magic);

/** Writes the header into slot 0: it is as long as a record, so that all records of a file stay aligned. */
export function encodeHeader(to: Slots, author: Author): void {
  to.bytes.fill(0, 0, recordBytes);
  to.bytes.set(magicBytes);
  to.u32[2] = author.incarnation;
  to.u32[3] = roles[author.role];
}

/** Undefined when slot 0 holds no header of ours. */
export function decodeHeader(from: Slots): Author | undefined {
  if (magicBytes.some((byte, index) => from.bytes[index] !== byte)) return undefined;
  const role = roleNames[from.u32[3] ?? 0];
  return role === undefined ? undefined : { incarnation: from.u32[2] ?? 0, role };
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
