/**
 * A history file that a test writes record by record: the bytes that a recorder leaves, in blocks of a few records
 * each.
 */
import { encode, encodeHeader, sealBlock, slots, type Author, type Fields, type Slots } from "../encode.ts";
import { recordBytes, type Kind } from "../record.ts";

export interface WrittenFile {
  /** @param seq the number of the record, where it is not the next one */
  put(atNs: number, kind: Kind, fields?: Fields, seq?: number): void;
  records(): number;
  /** Up to the last record. */
  bytes(): Uint8Array;
}

export function writtenFile(author: Author, blockRecords = 5): WrittenFile {
  let buffer: Slots = slots(64);
  let sum = encodeHeader(buffer, author);
  let filled = 1;
  let records = 0;
  let next = 0;
  /** Where the head of the block under way stands; undefined between two. */
  let head: number | undefined;
  const seal = (): void => {
    if (head !== undefined) sum = sealBlock(buffer, head, filled, sum);
    head = undefined;
  };
  return {
    put(atNs, kind, fields = {}, seq = next) {
      // A record that is missing is missing between two blocks.
      if (seq !== next || (head !== undefined && filled - head > blockRecords)) seal();
      if ((filled + 2) * recordBytes > buffer.bytes.length) buffer = doubled(buffer);
      head ??= filled++;
      encode(buffer, filled++, seq, atNs, kind, fields);
      next = seq + 1;
      records++;
    },
    records: () => records,
    bytes() {
      seal();
      return buffer.bytes.slice(0, filled * recordBytes);
    },
  };
}

function doubled(buffer: Slots): Slots {
  const larger = slots((2 * buffer.bytes.length) / recordBytes);
  larger.bytes.set(buffer.bytes);
  return larger;
}
