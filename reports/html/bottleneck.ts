/**
 * Could the harness itself have been the bottleneck? Two things tell: how late its producers sent, and how much of a
 * processor core each of them used in its busiest second, since each is a single thread.
 */
import type { Result } from "../contract.ts";
import { duration, plural } from "../figures.ts";
import { lateness, loadSeries, peak } from "../reading.ts";

/** A process that uses this much of a core, in percent, has no time left for more. */
const fullCore = 90;

/** A hundredth of the jobs this late is more than the turns of an event loop. */
const lateMs = 100;

export function bottleneck(result: Result): string {
  const measured = lateness(result)[0]?.measured;
  // A producer that a fault hit is late by that fault: what it does undisturbed is what it can do.
  const hit = result.incidents.some(({ touches }) => touches.some((resource) => resource.includes("producer")));
  const undisturbed = hit ? measured?.parts["before faults"]?.summary : undefined;
  const late = undisturbed ?? measured?.summary;
  if (late === undefined) return "Nothing was sent, so nothing tells.";
  const when = undisturbed === undefined ? "" : "before the first fault (some hit producers too), ";
  const unsent = result.jobs.planned - result.jobs.sent;
  const left = unsent === 0 ? "" : `, and ${plural(unsent, "job was", "jobs were")} never sent`;
  const sent =
    `${when}99\u00a0% of the jobs were sent within ${duration(late.p99)} of their time, ` +
    `the latest after ${duration(late.max)}${left}`;
  const busiest = busiestProducer(result);
  const used =
    busiest === undefined
      ? "its processor time was not recorded"
      : `the busiest producer used ${busiest.most.toFixed(0)}\u00a0% of a core in its busiest second (${busiest.name})`;
  if (busiest !== undefined && busiest.most >= fullCore) return `It may have been: ${used}; ${sent}.`;
  if (late.p99 > lateMs || unsent > 0)
    return busiest === undefined
      ? `It may have been: ${sent}; ${used}.`
      : `The machine may have been: ${sent}; but ${used}, so it was held up by something else than its own work.`;
  return busiest === undefined ? `Its lateness does not say so: ${sent}; but ${used}.` : `No: ${sent}; ${used}.`;
}

function busiestProducer(result: Result): { readonly name: string; readonly most: number } | undefined {
  const lines = loadSeries(result).find(({ name }) => name === "cpu")?.measured.lines ?? {};
  return Object.entries(lines)
    .filter(([name]) => name.startsWith("producer"))
    .map(([name, values]) => ({ name, most: peak(values) }))
    .toSorted((a, b) => b.most - a.most)[0];
}
