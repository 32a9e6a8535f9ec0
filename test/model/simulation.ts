/**
 * Time that passes only because something is to happen next: acts in order of their time, in milliseconds since the
 * load began.
 */

export interface Simulation {
  now(): number;
  at(ms: number, act: () => void): void;
  after(ms: number, act: () => void): void;
  /** Until `over` says so, or nothing is to happen any more, or that time has come. */
  run(over: () => boolean, untilMs: number): void;
}

interface Due {
  readonly ms: number;
  /** Acts of one time happen in the order in which they were asked for. */
  readonly order: number;
  readonly act: () => void;
}

/** @param fromMs processes are there before the load begins */
export function simulation(fromMs: number): Simulation {
  const heap: Due[] = [];
  let now = fromMs;
  let asked = 0;
  const at = (ms: number, act: () => void): void => push(heap, { ms: Math.max(ms, now), order: asked++, act });
  return {
    now: () => now,
    at,
    after: (ms, act) => at(now + ms, act),
    run(over, untilMs) {
      for (let next = heap[0]; next !== undefined && !over(); next = heap[0]) {
        if (next.ms > untilMs) break;
        pop(heap);
        now = next.ms;
        next.act();
      }
    },
  };
}

const before = (a: Due, b: Due): boolean => a.ms < b.ms || (a.ms === b.ms && a.order < b.order);

/** A binary heap: the earliest is at the top. */
function push(heap: Due[], due: Due): void {
  let at = heap.push(due) - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above];
    if (parent === undefined || before(parent, due)) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = due;
}

function pop(heap: Due[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  // No arrays here: it is what a simulation does most.
  for (let child = 1; child < heap.length; child = 2 * at + 1) {
    let least = heap[child];
    const right = heap[child + 1];
    if (least === undefined) break;
    if (right !== undefined && before(right, least)) {
      least = right;
      child++;
    }
    if (before(last, least)) break;
    heap[at] = least;
    at = child;
  }
  heap[at] = last;
}
