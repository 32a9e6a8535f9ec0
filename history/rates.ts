/** Counts by second of a run: as long as a run can be while it is read, and then as long as it was. */
import type { Rates } from "./ledger.ts";

export const emptyRates = (length: number): Rates => ({
  intended: new Uint32Array(length),
  acknowledged: new Uint32Array(length),
  started: new Uint32Array(length),
  ended: new Uint32Array(length),
  failed: new Uint32Array(length),
  settled: new Uint32Array(length),
});

export const cutRates = (rates: Rates, length: number): Rates => ({
  intended: rates.intended.slice(0, length),
  acknowledged: rates.acknowledged.slice(0, length),
  started: rates.started.slice(0, length),
  ended: rates.ended.slice(0, length),
  failed: rates.failed.slice(0, length),
  settled: rates.settled.slice(0, length),
});
