/**
 * Could the harness itself have been the bottleneck? Two things tell: how late its producers sent, and how much of a
 * processor core each of them used in its busiest second, since each is a single thread.
 */
import type { Result } from "../contract.ts";
import { duration } from "../figures.ts";
import { lateness, loadSeries, peak } from "../reading.ts";

/** A process that uses this much of a core has no time left for more. */
const fullCore = 90;

/** A hundredth of the jobs this late is more than the turns of an event loop. */
const lateMs = 100;

export function bottleneck(result: Result): string {
  const late = lateness(result)[0]?.measured.summary;
  const cores = busiestProducer(result);
  if (late === undefined) return "Nothing was sent, so nothing tells.";
  const isLate = late.p99 > lateMs;
  const isFull = cores !== undefined && cores.most >= fullCore;
  const sent = `99\u00a0% of the jobs were sent within ${duration(late.p99)} of their time, the latest after ${duration(late.max)}`;
  const used =
    cores === undefined
      ? "its processor time was not recorded"
      : `the busiest producer used ${percent(cores.most)} of a core in its busiest second (${cores.name})`;
  if (isLate || isFull) return `It may have been: ${sent}; ${used}.`;
  return cores === undefined ? `Its lateness does not say so: ${sent}; but ${used}.` : `No: ${sent}; ${used}.`;
}

const percent = (cores: number): string => `${cores.toFixed(0)}\u00a0%`;

function busiestProducer(result: Result): { readonly name: string; readonly most: number } | undefined {
  const lines = loadSeries(result).find(({ name }) => name === "cpu")?.measured.lines ?? {};
  return Object.entries(lines)
    .filter(([name]) => name.startsWith("producer"))
    .map(([name, values]) => ({ name, most: peak(values) }))
    .toSorted((a, b) => b.most - a.most)[0];
}
