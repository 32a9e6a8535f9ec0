/**
 * Reads a history file piece by piece into one buffer that is used again and again, and says what is wrong with the
 * file. The visitor loops over whole records in place; a torn last block (its writer was killed) is left out.
 */
import { readSync } from "node:fs";
import { basename, join } from "node:path";
import { namesIn, NotPlain, openPlain } from "../std/plain-file.ts";
import { messageOf } from "../std/user-error.ts";
import { wholeBlocks, type Chain } from "./blocks.ts";
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
  /** It is not what was written: it was changed, or exchanged, since. Then it is damage, too. */
  readonly bent: string | undefined;
  /** Its format has them. */
  readonly checksums: boolean;
}

/**
 * Called for each piece: records in slots `from` to `to - 1`, between which there are heads of blocks, with a kind that
 * no record has (`blockMark`) and about no job. The piece is only valid during the call.
 */
export type Visit = (piece: Slots, from: number, to: number, author: Author) => void;

const ending = ".bin";
/** It has room for the largest block. */
const pieceSlots = 32 * 1024;

/** Where the process of that incarnation writes. */
export const historyFile = (directory: string, incarnation: number): string =>
  join(directory, `${incarnation}${ending}`);

/** Of the processes of one run. */
const filesMost = 100_000;

/**
 * All history files of a directory, none where it is gone, in the order of their incarnations. @throws NotPlain for too
 * many
 */
export const historySources = (directory: string): readonly HistorySource[] =>
  namesIn(directory, filesMost)
    .filter((name) => /^\d{1,10}\.bin$/.test(name))
    .map((name) => fileSource(join(directory, name)))
    .sort((a, b) => a.incarnation - b.incarnation);

export const fileSource = (file: string): HistorySource => ({
  name: file,
  incarnation: Number.parseInt(basename(file, ending), 10),
  open() {
    const plain = openPlain(file);
    return {
      read: (into, position) => readSync(plain.descriptor, into, 0, into.length, position),
      [Symbol.dispose]: () => plain[Symbol.dispose](),
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

/**
 * Reads it all, front to back. Reading is synchronous and its buffer shared: a visitor must not read another file.
 * @param before what was found when it was read before: the same records are visited, and are not held against their
 * checksums again
 */
export function readHistory(source: HistorySource, visit: Visit, before?: Pick<FileState, "records">): FileState {
  const state: Reading = {
    author: undefined,
    bytes: 0,
    records: 0,
    closed: false,
    firstAt: Number.NaN,
    lastAt: Number.NaN,
    damage: undefined,
    bent: undefined,
    checksums: false,
  };
  try {
    using file = source.open();
    readOpen(file, source.incarnation, visit, state, before?.records);
  } catch (thrown) {
    if (!isOfTheSystem(thrown)) throw thrown;
    state.bent = `it cannot be read: ${messageOf(thrown)}`;
  }
  state.damage ??= state.bent;
  return state;
}

/** Of the machine or its disk, and not a visitor's. */
const isOfTheSystem = (thrown: unknown): boolean =>
  thrown instanceof NotPlain || (thrown instanceof Error && "syscall" in thrown);

type Reading = { -readonly [Key in keyof FileState]: FileState[Key] };

function readOpen(
  file: OpenHistory,
  incarnation: number,
  visit: Visit,
  state: Reading,
  known: number | undefined,
): void {
  shared ??= slots(pieceSlots);
  const piece = shared;
  let got = fill(file, piece.bytes, 0);
  state.bytes = got;
  if (got === 0) return;
  const header = got < recordBytes ? undefined : decodeHeader(piece);
  state.author = header?.author;
  if (header === undefined || header.author.incarnation !== incarnation) {
    state.damage = strange(state.author);
    if (got >= recordBytes) state.bent = state.damage;
    return;
  }
  const { author, sum } = header;
  state.checksums = sum !== undefined;
  const follow = sum === undefined ? recordsAlone(known) : inBlocks(sum, known);
  for (let [from, kept] = [1, 0]; ; from = 0) {
    const whole = Math.floor((kept + got) / recordBytes);
    const to = follow(piece, from, whole, state);
    if (to > from) {
      if (Number.isNaN(state.firstAt)) state.firstAt = atOf(piece, from);
      state.lastAt = atOf(piece, to - 1);
      state.closed = kindOf(piece.u32[(to - 1) * slotU32.perSlot + slotU32.head] ?? 0) === kinds.close;
      visit(piece, from, to, author);
    }
    if (known !== undefined && state.records >= known) return;
    const left = kept + got - to * recordBytes;
    const isOver = kept + got < piece.bytes.length;
    if (isOver && state.checksums && state.closed && left > 0) state.bent ??= "something follows its closing record";
    if (isOver || state.bent !== undefined || (sum === undefined && to < whole)) return;
    // A block that goes on in the next piece is looked at as a whole.
    piece.bytes.copyWithin(0, to * recordBytes);
    kept = left;
    got = fill(file, piece.bytes.subarray(kept), state.bytes);
    state.bytes += got;
  }
}

const strange = (author: Author | undefined): string =>
  author === undefined ? "it does not begin as a history does" : `it is that of process ${author.incarnation}`;

/** The end of what can be believed of the slots `from` to `to - 1`, and what is known of the file after it. */
type Follow = (piece: Slots, from: number, to: number, state: Reading) => number;

function inBlocks(sum: number, known: number | undefined): Follow {
  const chain: Chain = { sum, next: 0, records: 0, known, damage: undefined, bent: undefined };
  return (piece, from, to, state) => {
    const end = wholeBlocks(piece, from, to, chain);
    state.records = chain.records;
    state.damage ??= chain.damage;
    state.bent = chain.bent;
    return end;
  };
}

/** Of the format without checksums: what is a record by its kind and its number. */
function recordsAlone(known = Number.POSITIVE_INFINITY): Follow {
  const order: Order = { next: 0, lastAt: undefined, damage: undefined };
  return (piece, from, to, state) => {
    const most = Math.min(to, from + known - state.records);
    const end = inOrder(piece, from, wholeRecords(piece, from, most), order);
    state.records += end - from;
    state.damage ??= order.damage;
    if (end < to) state.damage ??= `what follows its record ${state.records} is none`;
    return end;
  };
}

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
 * The end of the records that follow each other. Where some were lost, those behind the gap are read, if they are
 * records: a piece that begins in the middle of one may look like one, but not like two that follow each other.
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
