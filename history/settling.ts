/**
 * How far a process's settlements had come through, as far as the record tells: where a store cannot keep up, a failure
 * that nobody confirms is not settled before the ends are that came after it.
 */
import { oncePer } from "../std/once.ts";
import { never, secondOf, tickNs, type Ledger } from "./ledger.ts";

/**
 * Of one process, by second since the origin: ticks of the latest end in it, and of the latest that was answered in it.
 */
interface Ends {
  readonly ended: number[];
  readonly answered: number[];
}

const endsOf = oncePer((ledger: Ledger) => {
  const byProcess = new Map<number, Ends>();
  const of = (incarnation: number): Ends => {
    const known = byProcess.get(incarnation) ?? { ended: [], answered: [] };
    byProcess.set(incarnation, known);
    return known;
  };
  // Of jobs that were run once and done: whose hand they were in is known without their lives.
  const { starts, startedBy, ends, acceptedDone, lastEndAt, settledAt } = ledger.columns;
  for (let job = 0; job < starts.length; job++) {
    if (starts[job] !== 1 || ends[job] !== 1 || acceptedDone[job] !== 1) continue;
    const { ended, answered } = of(startedBy[job] ?? 0);
    const end = lastEndAt[job] ?? 0;
    raise(ended, end, end);
    raise(answered, settledAt[job] ?? 0, end);
  }
  for (const { life } of ledger.exceptions())
    for (const { kind, incarnation, at } of life)
      if (kind === "end") raise(of(incarnation).ended, ticksOf(at), ticksOf(at));
  return byProcess;
});

const ticksOf = (ns: number): number => Math.min(Math.max(0, Math.ceil(ns / tickNs)), never - 1);

function raise(latest: number[], at: number, to: number): void {
  const second = secondOf(at);
  while (latest.length <= second) latest.push(0);
  if ((latest[second] ?? 0) < to) latest[second] = to;
}

/**
 * ns since origin by which it was heard with what it ended at that time or later: never, if it was not; at once, where
 * it ended nothing more.
 */
export function heardBy(ledger: Ledger, incarnation: number, at: number): number {
  const ends = ledger.run.tellsSettlements && incarnation !== 0 ? endsOf(ledger).get(incarnation) : undefined;
  if (ends === undefined) return at;
  const from = ticksOf(at);
  const answered = ends.answered.findIndex((end) => end >= from);
  if (answered !== -1) return Math.max(at, (answered + 1) * 1e9);
  return ends.ended.some((end) => end >= from) ? Number.POSITIVE_INFINITY : at;
}
