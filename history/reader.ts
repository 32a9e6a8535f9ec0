/**
 * Reads a history file in blocks into one buffer that is used again and again, and says what is wrong with the file.
 * The visitor loops over whole records in place; a torn last record (its writer was killed) is left out.
 */
import { closeSync, existsSync, openSync, readdirSync, readSync } from "node:fs";
import { basename, join } from "node:path";
import { decodeHeader, kindNames, kindOf, slots, slotF64, slotU32, type Author, type Slots } from "./encode.ts";
import { kinds, recordBytes } from "./record.ts";

/** Something that can be read more than once: a file, or bytes in memory. */
export interface HistorySource {
  readonly name: string;
  /** Also known when the file is empty. */
  readonly incarnation: number;
  open(): OpenHistory;
}

export interface OpenHistory extends Disposable {
  /** Bytes that were put to the beginning of `into`; 0 at the end. */
  read(into: Uint8Array, position: number): number;
}

/** What a file turned out to be. */
export interface FileState {
  /** Undefined when the header is missing or not ours. */
  readonly author: Author | undefined;
  /** As far as it was read, which is to its end where nothing is wrong with it. */
  readonly bytes: number;
  readonly records: number;
  /** It ends with a closing record. */
  readonly closed: boolean;
  /** ns; times of its first and last record, NaN when there is none. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Records are missing or unreadable, whatever became of the process. */
  readonly damage: string | undefined;
}

/** Called for each block: records in slots `from` to `to - 1`. The block is only valid during the call. */
export type Visit = (block: Slots, from: number, to: number, author: Author) => void;

const ending = ".bin";
const blockRecords = 32 * 1024;

/** Where the process of that incarnation writes. */
export const historyFile = (directory: string, incarnation: number): string =>
  join(directory, `${incarnation}${ending}`);

/** All history files of a directory, none where it is gone, in the order of their incarnations. */
export const historySources = (directory: string): readonly HistorySource[] =>
  (existsSync(directory) ? readdirSync(directory) : [])
    .filter((name) => /^\d+\.bin$/.test(name))
    .map((name) => fileSource(join(directory, name)))
    .sort((a, b) => a.incarnation - b.incarnation);

export const fileSource = (file: string): HistorySource => ({
  name: file,
  incarnation: Number.parseInt(basename(file, ending), 10),
  open() {
    const descriptor = openSync(file, "r");
    return {
      read: (into, position) => readSync(descriptor, into, 0, into.length, position),
      [Symbol.dispose]: () => closeSync(descriptor),
    };
  },
});

export const memorySource = (incarnation: number, bytes: Uint8Array): HistorySource => ({
  name: `incarnation ${incarnation}`,
  incarnation,
  open: () => ({
    read(into, position) {
      const piece = bytes.subarray(position, position + into.length);
      into.set(piece);
      return piece.length;
    },
    [Symbol.dispose]() {},
  }),
});

let shared: Slots | undefined;

/** Reads it all, front to back. Reading is synchronous and its buffer shared: a visitor must not read another file. */
export function readHistory(source: HistorySource, visit: Visit): FileState {
  shared ??= slots(blockRecords);
  const block = shared;
  using file = source.open();
  const order: Order = { next: 0, lastAt: undefined, damage: undefined };
  let author: Author | undefined;
  let bytes = 0;
  let records = 0;
  let closed = false;
  let firstAt = Number.NaN;
  for (;;) {
    const got = fill(file, block.bytes, bytes);
    let from = 0;
    if (bytes === 0) {
      author = got < recordBytes ? undefined : decodeHeader(block);
      order.damage = got === 0 ? undefined : strange(author, source.incarnation);
      from = 1;
    }
    bytes += got;
    if (author === undefined || (order.damage !== undefined && records === 0)) break;
    const whole = Math.floor(got / recordBytes);
    const to = inOrder(block, from, wholeRecords(block, from, whole), order);
    if (to > from) {
      if (records === 0) firstAt = atOf(block, from);
      closed = kindOf(block.u32[(to - 1) * slotU32.perSlot + slotU32.head] ?? 0) === kinds.close;
      records += to - from;
      visit(block, from, to, author);
    }
    if (to < whole) order.damage ??= `what follows its record ${records} is none`;
    if (to < whole || got < block.bytes.length) break;
  }
  return { author, bytes, records, closed, firstAt, lastAt: order.lastAt ?? Number.NaN, damage: order.damage };
}

const strange = (author: Author | undefined, incarnation: number): string | undefined =>
  author === undefined
    ? "it does not begin as a history does"
    : author.incarnation === incarnation
      ? undefined
      : `it is that of process ${author.incarnation}`;

/** Reads until the buffer is full or the file over. */
function fill(file: OpenHistory, into: Uint8Array, position: number): number {
  let filled = 0;
  while (filled < into.length) {
    const got = file.read(filled === 0 ? into : into.subarray(filled), position + filled);
    if (got === 0) break;
    filled += got;
  }
  return filled;
}

const atOf = (block: Slots, slot: number): number => block.f64[slot * slotF64.perSlot + slotF64.at] ?? Number.NaN;

/** The end of the records of known kinds that begin at `from`. */
function wholeRecords({ u32 }: Slots, from: number, to: number): number {
  for (let slot = from, word = from * slotU32.perSlot + slotU32.head; slot < to; slot++, word += slotU32.perSlot) {
    const kind = (u32[word] ?? 0) & 0xff;
    if (kind === 0 || kind >= kindNames.length) return slot;
  }
  return to;
}

interface Order {
  /** The number of the next record. */
  next: number;
  lastAt: number | undefined;
  damage: string | undefined;
}

/**
 * The end of the records that follow each other. Where some were lost, those behind the gap are read, if they are records: a
 * piece that begins in the middle of one may look like one, but not like two that follow each other.
 */
function inOrder(block: Slots, from: number, to: number, order: Order): number {
  const { u32 } = block;
  let slot = from;
  for (let word = from * slotU32.perSlot + slotU32.seq; slot < to; slot++, word += slotU32.perSlot) {
    const seq = u32[word] ?? 0;
    if (seq !== order.next) {
      order.damage ??= `record ${seq} stands where ${order.next} should`;
      const before = slot === from ? (order.lastAt ?? Number.NEGATIVE_INFINITY) : atOf(block, slot - 1);
      const later = seq > order.next && atOf(block, slot) >= before;
      const followed =
        slot + 1 < to && u32[word + slotU32.perSlot] === seq + 1 && atOf(block, slot + 1) >= atOf(block, slot);
      if (!later || !followed) break;
      order.next = seq;
    }
    order.next++;
  }
  if (slot > from) order.lastAt = atOf(block, slot - 1);
  return slot;
}
