/**
 * The axis of one job's life. Its events come in clusters of a few milliseconds with seconds between them, and the
 * clusters are what one wants to see: each stretch between two moments takes room by the logarithm of its length.
 */
import { duration } from "../figures.ts";

export interface LifeAxis {
  /** What comes before the first moment or after the last one lies at the edge. */
  x(at: number): number;
  readonly ticks: readonly { readonly x: number; readonly label: string }[];
}

/** A stretch of this length is the shortest that is told from none, ns. */
const shortestNs = 0.3e6;
const edge = 16;
const labelWidth = 74;

/** @param moments ns, in any order, at least one; @param zero the moment from which labels count */
export function lifeAxis(moments: readonly number[], zero: number, left: number, right: number): LifeAxis {
  const at = [...new Set(moments)].toSorted((a, b) => a - b);
  const weights = at.slice(1).map((to, i) => Math.log1p((to - (at[i] ?? to)) / shortestNs));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const room = right - left - 2 * edge;
  let used = 0;
  const places = [left + edge, ...weights.map((weight) => left + edge + ((used += weight) / all) * room)];
  const x = (moment: number): number => {
    const next = at.findIndex((one) => one >= moment);
    if (next === -1) return right;
    const [to = 0, from = to] = [at[next], at[next - 1]];
    if (moment === to) return places[next] ?? left;
    if (next === 0) return left;
    const [end = left, begin = end] = [places[next], places[next - 1]];
    return begin + ((moment - from) / (to - from)) * (end - begin);
  };
  return { x, ticks: ticksOf(at, places, zero, right) };
}

/** A label at each moment that has room for it; the last one always has. */
function ticksOf(at: readonly number[], places: readonly number[], zero: number, right: number): LifeAxis["ticks"] {
  const ticks: { x: number; label: string }[] = [];
  const end = places.at(-1) ?? right;
  let free = Number.NEGATIVE_INFINITY;
  for (const [i, place] of places.entries()) {
    const isLast = i === places.length - 1;
    if (place < free || (!isLast && place > end - labelWidth)) continue;
    ticks.push({ x: place, label: after((at[i] ?? zero) - zero) });
    free = place + labelWidth;
  }
  return ticks;
}

const after = (ns: number): string => (ns === 0 ? "0" : ns > 0 ? `+${duration(ns / 1e6)}` : `−${duration(-ns / 1e6)}`);
