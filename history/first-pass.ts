/** What the first pass over the records gives: columns by job, and what each file says of its process. Types only. */
import type { Activity } from "./activity.ts";
import type { Columns, DepthSample, Ledger, Rates, SampledStart } from "./ledger.ts";
import type { FileState } from "./reader.ts";
import type { ProcessorTime } from "./processor-time.ts";
import type { GrowingReceipts } from "./receipts.ts";
import type { StoreClock } from "./store-clock.ts";

/** What one file says about its process. Times in ns, as recorded. */
export interface FileFacts extends FileState {
  readonly incarnation: number;
  /** Gaps between ticks longer than `hiccupNs`. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** NaN when there is none. */
  readonly lastTickAt: number;
  /** Times in ns since the origin. */
  readonly processorTime: ProcessorTime;
  readonly activity: Activity;
}

export interface FirstPass {
  readonly columns: Columns;
  readonly rates: Rates;
  readonly files: readonly FileFacts[];
  readonly corrupt: Ledger["corrupt"];
  readonly storeClock: StoreClock;
  readonly depths: readonly DepthSample[];
  readonly sampledStarts: readonly SampledStart[];
  /** By job: all records that name it, 255 for more. */
  readonly mentions: Uint8Array;
  /** Bits by job: it was started under another number than 1, or settled as done with no end on file before. */
  readonly odd: Uint32Array;
  readonly receipts: GrowingReceipts;
}
