/**
 * Chance as an argument. A stream is split by label, so that a new consumer of chance shifts nobody else's draws, and
 * the same seed gives the same schedule, byte for byte, on every machine.
 */
export type NonEmpty<T> = readonly [T, ...T[]];

export interface Random {
  /** An independent stream; the same label of the same parent is always the same stream. */
  fork(label: string): Random;
  /** A number in [0, 1). */
  unit(): number;
  /** An integer in [0, n). */
  below(n: number): number;
  /** An integer in [from, to], both ends included. */
  between(from: number, to: number): number;
  pick<T>(from: NonEmpty<T>): T;
}

/** The same members in another order. */
export function shuffled<T>(from: readonly T[], random: Random): T[] {
  const left = [...from];
  return from.flatMap(() => left.splice(random.below(left.length), 1));
}

/** xmur3: spreads a label over 32 bits. */
function hashText(text: string): number {
  let hash = 1779033703 ^ text.length;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 3432918353);
    hash = (hash << 13) | (hash >>> 19);
  }
  return mix(hash);
}

/** The finaliser of MurmurHash3: every input bit reaches every output bit. Also the source of per-job chance. */
export function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 2246822507);
  hash = Math.imul(hash ^ (hash >>> 13), 3266489909);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Seeded by text. Mulberry32 inside: 32 bits of state are plenty for schedules, and it is eight lines. */
export function seeded(seed: string): Random {
  let state = hashText(seed);
  const unit = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (n: number): number => Math.floor(unit() * n);
  return {
    fork: (label) => seeded(`${seed}/${label}`),
    unit,
    below,
    between: (from, to) => from + below(to - from + 1),
    pick: (from) => from[below(from.length)] ?? from[0],
  };
}
