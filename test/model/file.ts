/**
 * A process's history file as the model writes it: real bytes, in memory, with the ticks of the times at which it ran.
 */
import type { Author, Fields } from "../../history/encode.ts";
import { memorySource, type HistorySource } from "../../history/reader.ts";
import { tickMs, type Kind } from "../../history/record.ts";
import { writtenFile } from "../../history/testing/written-file.ts";

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
  bytes(): number;
  source(): HistorySource;
}

export function historyFile(author: Author, now: () => number): HistoryFile {
  const file = writtenFile(author);
  let nextTickMs = now();
  const write = (ms: number, kind: Kind, fields: Fields): void => file.put(nsOf(ms), kind, fields);
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
      write(now(), "close", { aux: file.records() });
      nextTickMs = Number.POSITIVE_INFINITY;
    },
    ends: stands,
    bytes: () => file.bytes().length,
    source: () => memorySource(author.incarnation, file.bytes()),
  };
}
