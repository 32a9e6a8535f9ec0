/**
 * Appends one process's records to its own file, so that what it announces survives SIGKILL: `commit` resolves when
 * everything appended so far has left by write(2). A system call for each record would be too dear at 100,000 jobs a
 * second, so all that becomes ready in one turn of the event loop shares one write: a block, with its checksum.
 */
import { closeSync, openSync, writeSync } from "node:fs";
import { encode, encodeHeader, sealBlock, slots, type Author, type Fields } from "./encode.ts";
import { blockRecordsMax, recordBytes, tickMs, type Kind } from "./record.ts";
import type { Clock } from "../std/clock.ts";
import { atEndOfTurn, beat } from "../std/turn.ts";
import { messageOf } from "../std/user-error.ts";

export interface Recorder {
  /** Takes 0.1 us and never throws; the time is now. It leaves at the end of this turn even if nobody commits. */
  append(kind: Kind, fields?: Fields): void;
  /**
   * The same for an answer: its `micros` end at the very moment under which it is on file, so that the two tell when it
   * was asked.
   */
  answer(kind: Kind, askedNs: number, aux: number): void;
  /**
   * Resolves after everything appended so far has left. All callers in one turn share one promise and one write.
   * Rejects, for ever after, once a write failed: nothing may happen any more that cannot be put on file.
   */
  commit(): Promise<void>;
  /** Lets everything leave now. @throws when a write failed, now or before */
  flushNow(): void;
  /** The closing record, then the end. @throws when a write failed, now or before */
  close(): void;
  /** How many records have left, in how many writes. */
  written(): { readonly records: number; readonly writes: number };
}

/** Of the whole process: it takes 2 us. */
function processorMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** A block's head, and as many records: more than that in one turn leave in two writes. */
const bufferSlots = 1 + blockRecordsMax;

/** write(2): bytes written, which may be fewer than asked for. */
export type Write = (descriptor: number, bytes: Uint8Array, from: number, length: number) => number;

/** @throws when the file exists: a history is never written over */
export function openRecorder(file: string, author: Author, clock: Clock, system: Write = writeSync): Recorder {
  const blocks = openBlocks(file, author, system);
  let scheduled = false;
  let open = true;
  let turn: PromiseWithResolvers<void> | undefined;

  const endTurn = (): void => {
    scheduled = false;
    blocks.write();
    const waiting = turn;
    turn = undefined;
    const broken = blocks.broken();
    if (broken === undefined) waiting?.resolve();
    else waiting?.reject(broken);
  };

  const schedule = (): void => {
    if (scheduled) return;
    scheduled = true;
    atEndOfTurn(endTurn);
  };

  const put = (atNs: number, kind: Kind, fields: Fields): void => {
    if (open && blocks.put(atNs, kind, fields)) schedule();
  };

  const append = (kind: Kind, fields: Fields = {}): void => put(clock.nowNs(), kind, fields);

  const tick = (): void => append("tick", { aux: processorMicros() });
  tick();
  const ticking = beat(tickMs, tick);

  return {
    append,
    answer(kind, askedNs, aux) {
      const atNs = clock.nowNs();
      put(atNs, kind, { aux, micros: Math.ceil((atNs - askedNs) / 1000) });
    },
    commit() {
      const broken = blocks.broken();
      if (broken !== undefined) return Promise.reject(broken);
      turn ??= Promise.withResolvers();
      schedule();
      return turn.promise;
    },
    flushNow: blocks.flush,
    close() {
      if (!open) return;
      ticking[Symbol.dispose]();
      append("close", { aux: blocks.appended() });
      open = false;
      blocks.close();
    },
    written: blocks.written,
  };
}

interface Blocks {
  /** Whether it waits for a write: a block that became full has left, and after a failure nothing is taken. */
  put(atNs: number, kind: Kind, fields: Fields): boolean;
  /** What waits leaves as one block. */
  write(): void;
  /** @throws when a write failed, now or before */
  flush(): void;
  /** @throws when a write failed, now or before */
  close(): void;
  /** Why nothing can be written any more. */
  broken(): Error | undefined;
  appended(): number;
  written(): { readonly records: number; readonly writes: number };
}

/** The file itself: a header, then blocks, each sealed with a checksum over it and the one before. */
function openBlocks(file: string, author: Author, system: Write): Blocks {
  const descriptor = openSync(file, "ax");
  const buffer = slots(bufferSlots);
  /** Slots: the first is for the head of the block. */
  let filled = 1;
  let seq = 0;
  let records = 0;
  let writes = 0;
  let broken: Error | undefined;

  const write = (): void => {
    if (filled === 1 || broken !== undefined) return;
    sum = sealBlock(buffer, 0, filled, sum);
    leave(filled - 1);
  };
  /** So many records, and what is before them. */
  const leave = (count: number): void => {
    try {
      const end = (count + 1) * recordBytes;
      for (let from = 0; from < end; writes++) from += system(descriptor, buffer.bytes, from, end - from);
      records += count;
      filled = 1;
    } catch (thrown) {
      broken = new Error(`the history ${file} cannot be written: ${messageOf(thrown)}`, { cause: thrown });
    }
  };
  const flush = (): void => {
    write();
    if (broken !== undefined) throw broken;
  };

  let sum = encodeHeader(buffer, author);
  leave(0);

  return {
    put(atNs, kind, fields) {
      if (broken !== undefined) return false;
      encode(buffer, filled++, seq++, atNs, kind, fields);
      if (filled < bufferSlots) return true;
      write();
      return false;
    },
    write,
    flush,
    close() {
      try {
        flush();
      } finally {
        closeSync(descriptor);
      }
    },
    broken: () => broken,
    appended: () => seq,
    written: () => ({ records, writes }),
  };
}
