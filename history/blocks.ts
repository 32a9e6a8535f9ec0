/**
 * Which records of a file are what was written: those in whole blocks, each of which follows the one before it. A block that
 * the file is too short for was cut off with the process that wrote it; one that does not fit was changed later.
 */
import { checksum } from "../std/checksum.ts";
import { blockHeadAt, slotU32, type Slots } from "./encode.ts";
import { blockRecordsMax } from "./record.ts";

/** How far a file was followed. */
export interface Chain {
  /** Of the last block, or of the header. */
  sum: number;
  /** The number of the next record. */
  next: number;
  /** Records so far. */
  records: number;
  /** Records are missing that were never written. */
  damage: string | undefined;
  /** Why what comes next is not what was written. */
  bent: string | undefined;
}

/** The end of the whole blocks that begin at slot `from`; it is before `to` where the next one goes on behind it, or is bent. */
export function wholeBlocks(block: Slots, from: number, to: number, chain: Chain): number {
  let slot = from;
  while (slot < to) {
    const head = blockHeadAt(block, slot);
    if (head === undefined || head.count === 0 || head.count > blockRecordsMax) {
      chain.bent = `what follows its record ${chain.next} is no block`;
      break;
    }
    const { seq, count, before, sum } = head;
    const which = `its block of records ${seq} to ${seq + count - 1}`;
    if (before !== chain.sum) {
      chain.bent = `${which} does not follow what stands before it`;
      break;
    }
    const end = slot + 1 + count;
    if (end > to) break;
    if (checksum(block.u32, (slot + 1) * slotU32.perSlot, end * slotU32.perSlot, before) !== sum) {
      chain.bent = `${which} has another checksum than when it was written`;
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
