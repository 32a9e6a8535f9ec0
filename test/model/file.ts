/** A process's history file as the model writes it: real bytes, in memory, with the ticks of the times at which it ran. */
import { encode, encodeHeader, slots, type Author, type Fields, type Slots } from "../../history/encode.ts";
import { memorySource, type HistorySource } from "../../history/reader.ts";
import { recordBytes, tickMs, type Kind } from "../../history/record.ts";

/** CLOCK_MONOTONIC at the beginning of the load: any value will do, a large one shows mistakes. */
const originNs = 1e15;

export const nsOf = (ms: number): number => originNs + ms * 1e6;

export interface HistoryFile {
  /** Must be called in order of time. */
  put(kind: Kind, fields?: Fields): void;
  /** The process stands still: it ticks no more. */
  stands(): void;
  /** It goes on, and ticks at once. */
  goesOn(): void;
  /** The closing record. */
  close(): void;
  /** It is gone. */
  ends(): void;
  source(): HistorySource;
}

const roomFor = 512;

export function historyFile(author: Author, now: () => number): HistoryFile {
  let buffer: Slots = slots(roomFor);
  let filled = 1;
  let nextTickMs = now();
  encodeHeader(buffer, author);
  const write = (ms: number, kind: Kind, fields: Fields): void => {
    if (filled * recordBytes === buffer.bytes.length) buffer = doubled(buffer);
    encode(buffer, filled, filled - 1, nsOf(ms), kind, fields);
    filled++;
  };
  const tick = (): void => {
    for (const until = now(); nextTickMs <= until; nextTickMs += tickMs) write(nextTickMs, "tick", {});
  };
  const stands = (): void => {
    tick();
    nextTickMs = Number.POSITIVE_INFINITY;
  };
  return {
    put(kind, fields = {}) {
      tick();
      write(now(), kind, fields);
    },
    stands,
    goesOn() {
      nextTickMs = now();
    },
    close() {
      tick();
      write(now(), "close", { aux: filled - 1 });
      nextTickMs = Number.POSITIVE_INFINITY;
    },
    ends: stands,
    source: () => memorySource(author.incarnation, buffer.bytes.subarray(0, filled * recordBytes)),
  };
}

function doubled(buffer: Slots): Slots {
  const larger = slots((2 * buffer.bytes.length) / recordBytes);
  larger.bytes.set(buffer.bytes);
  return larger;
}
