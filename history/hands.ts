/**
 * Whether a worker could have begun one handler more. Where none could, a lost job waits for nobody's fault: for a
 * handler to come to its end. But a hand that was free and went to a job that nobody had lost was there for the lost
 * one.
 */
import { meanIn } from "./activity.ts";
import { hitsOf, type Hit } from "./hits.ts";
import type { Incarnation, Ledger, LifeEvent } from "./ledger.ts";

const secondNs = 1e9;

/**
 * At some time of that second, counted from the origin; to whole seconds, so that one in which the last was taken has
 * none.
 */
export const hasFreeHand = (ledger: Ledger, incarnation: number, second: number): boolean =>
  busiestIn(ledger, incarnation, second) < ledger.run.concurrency;

/** The same, and where all were taken for a moment only: half of them were free on average. */
export function hasHandsToSpare(ledger: Ledger, incarnation: number, second: number): boolean {
  const own = ledger.activity.get(incarnation);
  return (
    hasFreeHand(ledger, incarnation, second) || (own !== undefined && 2 * meanIn(own, second) <= ledger.run.concurrency)
  );
}

/** It ran nothing in that second, and began nothing. */
export const isIdle = (ledger: Ledger, incarnation: number, second: number): boolean =>
  busiestIn(ledger, incarnation, second) === 0;

function busiestIn({ activity }: Ledger, incarnation: number, second: number): number {
  const { busiest = [], running = 0 } = activity.get(incarnation) ?? {};
  return busiest[second] ?? running;
}

/** After it is ready, or a fault is over, a process counts as well this much later. */
export const convalescenceNs = secondNs;

/**
 * The seconds before `end` all through which a worker was there, and nothing was wrong with it.
 * @param restNs how long after each hit it is not well yet
 */
export function* wellSeconds(
  ledger: Ledger,
  { incarnation, role, exitedAt = Number.POSITIVE_INFINITY }: Incarnation,
  end: number,
  restNs: (hit: Hit) => number = () => convalescenceNs,
): Iterable<number> {
  const readyAt = role === "worker" ? ledger.readyAt.get(incarnation) : undefined;
  if (readyAt === undefined) return;
  const unwell = hitsOf(ledger, incarnation)
    .filter(({ cause }) => cause !== "killed")
    .map((hit) => ({ from: hit.from, to: hit.to + restNs(hit) }));
  const to = Math.min(end, Math.floor(exitedAt / secondNs));
  for (let second = Math.max(0, Math.ceil((readyAt + convalescenceNs) / secondNs)); second < to; second++)
    if (!unwell.some((hit) => hit.from < (second + 1) * secondNs && hit.to > second * secondNs)) yield second;
}

/**
 * ns since origin: all workers that were well had their hands full, no hand went to a job that had not been lost, and
 * none was left over.
 */
export function withoutHands(ledger: Ledger): readonly { readonly from: number; readonly to: number }[] {
  const full = fullSeconds(ledger);
  if (full.length === 0) return [];
  const again = restartsBySecond(ledger);
  const { started, ended, failed } = ledger.rates;
  return full
    .filter((second) => {
      const begun = started[second] ?? 0;
      return begun <= (again.get(second) ?? 0) && (ended[second] ?? 0) + (failed[second] ?? 0) <= begun;
    })
    .map((second) => ({ from: second * secondNs, to: (second + 1) * secondNs }));
}

function fullSeconds(ledger: Ledger): readonly number[] {
  const workers = ledger.incarnations.flatMap(({ role, incarnation, exitedAt = Number.POSITIVE_INFINITY }) => {
    const from = role === "worker" ? ledger.readyAt.get(incarnation) : undefined;
    return from === undefined ? [] : [{ incarnation, from, to: exitedAt, hits: hitsOf(ledger, incarnation) }];
  });
  const full: number[] = [];
  const end = Math.ceil(ledger.phases.drainTo / secondNs);
  for (let second = 0; second < end; second++) {
    const [from, to] = [second * secondNs, (second + 1) * secondNs];
    const overlaps = (span: { readonly from: number; readonly to: number }): boolean =>
      span.from < to && span.to > from;
    const well = workers.filter((worker) => overlaps(worker) && !worker.hits.some(overlaps));
    if (well.length > 0 && !well.some(({ incarnation }) => hasFreeHand(ledger, incarnation, second))) full.push(second);
  }
  return full;
}

/** Starts of what another start had not brought to a failure: somebody had it, and lost it. */
function restartsBySecond(ledger: Ledger): ReadonlyMap<number, number> {
  const restarts = new Map<number, number>();
  for (const { life } of ledger.exceptions()) {
    let before: LifeEvent["kind"] | undefined;
    for (const { kind, at } of life) {
      if (kind === "start") {
        const second = Math.floor(at / secondNs);
        if (before === "start" || before === "end") restarts.set(second, (restarts.get(second) ?? 0) + 1);
      }
      if (kind === "start" || kind === "end" || kind === "failed") before = kind;
    }
  }
  return restarts;
}
