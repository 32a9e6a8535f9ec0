/**
 * Where another life in a producer's slot goes on. Each send is on file before it happens, in order of the jobs, so the
 * last one on file is exact: nothing is sent twice, and whether that last one arrived nobody knows any more.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { headU32, kindOf, slotF64, slots, slotU32 } from "../../history/encode.ts";
import { blockMark, kinds, recordBytes } from "../../history/record.ts";

const pieceSlots = 8192;

/** @param files of the lives so far, oldest first; one that ended before it began to write has none. */
export function lastSent(files: readonly string[]): number | undefined {
  for (const file of files.toReversed()) {
    const job = existsSync(file) ? lastSentIn(file) : undefined;
    if (job !== undefined) return job;
  }
  return undefined;
}

/** An enqueue of which nobody knows whether it was carried out. */
export interface Unanswered {
  /** Under whose key it was. */
  readonly first: number;
  readonly sentNs: number;
}

/** What the last of these lives had sent and not heard of when it ended, as far as its last records tell. */
export function leftUnanswered(files: readonly string[]): readonly Unanswered[] {
  const file = files.findLast((one) => existsSync(one));
  const open = new Map<number, Unanswered>();
  if (file === undefined) return [];
  const descriptor = openSync(file, "r");
  try {
    const { bytes, u32, f64 } = slots(pieceSlots);
    const whole = Math.floor(fstatSync(descriptor).size / recordBytes);
    const from = Math.max(1, whole - pieceSlots);
    readSync(descriptor, bytes, 0, (whole - from) * recordBytes, from * recordBytes);
    for (let slot = 0; slot < whole - from; slot++) {
      const word = slot * slotU32.perSlot;
      const kind = kindOf(u32[word + slotU32.head] ?? 0);
      const job = u32[word + slotU32.job] ?? 0;
      const sent = open.get(job);
      if (kind === kinds.send) open.set(job, { first: job, sentNs: f64[slot * slotF64.perSlot] ?? 0 });
      else if (kind === kinds.repeated && sent) open.set(job, { ...sent, first: u32[word + slotU32.micros] ?? job });
      else if (answers.has(kind)) open.delete(job);
    }
    return [...open.values()];
  } finally {
    closeSync(descriptor);
  }
}

const answers: ReadonlySet<number> = new Set([kinds.ok, kinds.refused, kinds.unknown]);

/** From its end: a day's file is long, and the answer stands in its last lines. */
function lastSentIn(file: string): number | undefined {
  const descriptor = openSync(file, "r");
  try {
    const piece = slots(pieceSlots);
    // A torn last record was never acted on; record 0 is the header.
    const whole = Math.floor(fstatSync(descriptor).size / recordBytes);
    let found: number | undefined;
    for (let end = whole; end > 1;) {
      const from = Math.max(1, end - pieceSlots);
      readSync(descriptor, piece.bytes, 0, (end - from) * recordBytes, from * recordBytes);
      for (let slot = end - from - 1; slot >= 0; slot--) {
        const word = slot * slotU32.perSlot;
        const kind = kindOf(piece.u32[word + slotU32.head] ?? 0);
        if (kind === kinds.send) found ??= piece.u32[word + slotU32.job];
        if (kind !== blockMark) continue;
        // Nothing in a block that is not all there was acted on, either.
        const isWhole = from + slot + (piece.u32[word + headU32.count] ?? 0) < whole;
        if (isWhole && found !== undefined) return found;
        found = undefined;
      }
      end = from;
    }
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}
