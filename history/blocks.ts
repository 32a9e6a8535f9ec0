/**
 * Which records of a file are what was written: those in whole blocks, each of which follows the one before it. A block
 * that the file is too short for was cut off with the process that wrote it; one that does not fit was changed later.
 */
import { checksum } from "../std/checksum.ts";
import { headU32, isBlockHead, slotU32, type Slots } from "./encode.ts";
import { blockRecordsMax } from "./record.ts";

/** How far a file was followed. */
export interface Chain {
  /** Of the last block, or of the header. */
  sum: number;
  /** The number of the next record. */
  next: number;
  /** Records so far. */
  records: number;
  /** Where it was followed before, how far: so many records are known to be what was written. */
  readonly known: number | undefined;
  /** Records are missing that were never written. */
  damage: string | undefined;
  /** Why what comes next is not what was written. */
  bent: string | undefined;
}

/**
 * The end of the whole blocks that begin at slot `from`; it is before `to` where the next one goes on behind it, or is
 * bent. There are as many blocks as writes, so that nothing is allocated for one that is whole.
 */
export function wholeBlocks(piece: Slots, from: number, to: number, chain: Chain): number {
  const { u32 } = piece;
  const { known = Number.POSITIVE_INFINITY } = chain;
  let slot = from;
  while (slot < to && chain.records < known) {
    const word = slot * slotU32.perSlot;
    const count = u32[word + headU32.count] ?? 0;
    if (!isBlockHead(piece, slot) || count === 0 || count > blockRecordsMax) {
      chain.bent = `what follows its record ${chain.next} is no block`;
      break;
    }
    const seq = u32[word + slotU32.seq] ?? 0;
    if (u32[word + headU32.before] !== chain.sum) {
      chain.bent = `${named(seq, count)} does not follow what stands before it`;
      break;
    }
    const end = slot + 1 + count;
    if (end > to) break;
    const told = u32[word + headU32.sum] ?? 0;
    const sum =
      chain.known === undefined ? checksum(u32, word + slotU32.perSlot, end * slotU32.perSlot, chain.sum) : told;
    if (sum !== told) {
      chain.bent = `${named(seq, count)} has another checksum than when it was written`;
      break;
    }
    if (seq !== chain.next) chain.damage ??= `record ${seq} stands where ${chain.next} should`;
    chain.sum = sum;
    chain.next = seq + count;
    chain.records += count;
    slot = end;
  }
  return slot;
}

const named = (seq: number, count: number): string => `its block of records ${seq} to ${seq + count - 1}`;
