/**
 * Weighted fair shares: who is next among those that want to be, by their weights. Who has had few for its weight comes
 * first, and nobody is passed over for ever.
 */

export interface FairShare<T> {
  /** Undefined where nobody wants to be. */
  next(wanting: readonly T[]): T | undefined;
  /**
   * How many of so many are `one`'s, if all of them want all. It takes these; what is the others' they have to ask for.
   */
  share(one: T, wanting: readonly T[], count: number): number;
}

/** What was missed is made up for, as far as a read takes: not what was missed in a long rest. */
const madeUpFor = 8;

/**
 * Each that is taken moves its taker on by the reverse of its weight; who comes back from a rest begins shortly before
 * where the others are.
 */
export function fairShareOf<T extends object>(weightOf: (one: T) => number): FairShare<T> {
  const passes = new WeakMap<T, number>();
  let here = 0;

  const passOf = (one: T): number => Math.max(passes.get(one) ?? 0, here - madeUpFor / weightOf(one));
  const afterOne = (one: T, pass: number): number => pass + 1 / weightOf(one);
  const first = (wanting: readonly T[], passOf: (one: T) => number): T | undefined => {
    let chosen: T | undefined;
    for (const one of wanting) if (chosen === undefined || passOf(one) < passOf(chosen)) chosen = one;
    return chosen;
  };

  return {
    next(wanting) {
      const one = wanting.length === 1 ? wanting[0] : first(wanting, passOf);
      if (one === undefined) return undefined;
      const pass = passOf(one);
      here = Math.max(here, pass);
      passes.set(one, afterOne(one, pass));
      return one;
    },
    share(one, wanting, count) {
      if (wanting.length === 1) return count;
      const supposed = new Map(wanting.map((each) => [each, passOf(each)]));
      here = Math.max(here, Math.min(...supposed.values()));
      let own = 0;
      for (let taken = 0; taken < count; taken++) {
        const next = first(wanting, (each) => supposed.get(each) ?? 0);
        if (next === undefined) break;
        supposed.set(next, afterOne(next, supposed.get(next) ?? 0));
        if (next === one) own++;
      }
      if (own > 0) passes.set(one, supposed.get(one) ?? here);
      return own;
    },
  };
}
