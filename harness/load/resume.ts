/**
 * Where another life in a producer's slot goes on. Each send is on file before it happens, in order of the jobs, so the
 * last one on file is exact: nothing is sent twice, and whether that last one arrived nobody knows any more.
 */
import { closeSync, existsSync, fstatSync, openSync, readSync } from "node:fs";
import { kindOf, slots, slotU32 } from "../../history/encode.ts";
import { kinds, recordBytes } from "../../history/record.ts";

const blockRecords = 8192;

/** @param files of the lives so far, oldest first; one that ended before it began to write has none. */
export function lastSent(files: readonly string[]): number | undefined {
  for (const file of files.toReversed()) {
    const job = existsSync(file) ? lastSentIn(file) : undefined;
    if (job !== undefined) return job;
  }
  return undefined;
}

/** From its end: a day's file is long, and the answer stands in its last lines. */
function lastSentIn(file: string): number | undefined {
  const descriptor = openSync(file, "r");
  try {
    const { bytes, u32 } = slots(blockRecords);
    // A torn last record was never acted on; record 0 is the header.
    let end = Math.floor(fstatSync(descriptor).size / recordBytes);
    while (end > 1) {
      const from = Math.max(1, end - blockRecords);
      readSync(descriptor, bytes, 0, (end - from) * recordBytes, from * recordBytes);
      for (let slot = end - from - 1; slot >= 0; slot--) {
        const word = slot * slotU32.perSlot;
        if (kindOf(u32[word + slotU32.head] ?? 0) === kinds.send) return u32[word + slotU32.job];
      }
      end = from;
    }
    return undefined;
  } finally {
    closeSync(descriptor);
  }
}
