/** What callers without types give where an option is asked for; some of it fits somewhere. */
import type { NonEmpty, Random } from "../../std/random.ts";

export const thrown = (): never => {
  throw new Error("it is read");
};
/** Throws at whatever is done with it. */
const thorny = (): object =>
  new Proxy(
    {},
    new Proxy(
      {},
      {
        get: () => thrown,
      },
    ),
  );
/** It has as many members as its length says, if one asks for them all. */
function sparse(length: number): readonly unknown[] {
  const list: unknown[] = [];
  list.length = length;
  return list;
}
function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

const numbers: NonEmpty<number> = [
  Number.NaN,
  -1,
  -0,
  0,
  5e-324,
  0.001,
  0.5,
  1,
  1.5,
  3,
  10,
  499.9,
  500,
  1000,
  1024,
  65_536,
  100_000,
  100_001,
  300_000,
  300_001,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  30 * 86_400_000,
  3_155_760_000_000,
  3_155_760_000_001,
  8.64e15,
  2 ** 53 - 1,
  2 ** 53,
  1e300,
  Infinity,
  -Infinity,
];
const texts: NonEmpty<string> = [
  "",
  "5",
  "x",
  "a b",
  "a\nb",
  "a:b.c_d-e",
  "~x",
  "{x}",
  "*",
  "\u0000",
  "\ud800",
  "🔑",
  "__proto__",
  "constructor",
  "1-1",
  "1700000000000-0",
  "é",
  "x".repeat(200),
  "x".repeat(201),
  "x".repeat(501),
];
const others: NonEmpty<() => unknown> = [
  () => undefined,
  () => null,
  () => true,
  () => false,
  () => 5n,
  () => 10n ** 50n,
  () => Symbol("s"),
  () => () => {},
  () => [],
  () => [1],
  () => [undefined],
  () => ["1-1"],
  () => sparse(3),
  () => sparse(2 ** 32 - 1),
  () => ({}),
  () => ({ length: 1, 0: 1 }),
  () => Object.create(null),
  () => ({ odd: 1 }),
  () => JSON.parse('{"__proto__":1}'),
  () => new Set([1]),
  () => new Number(5),
  () => new String("x"),
  () => new Map(),
  () => new Float64Array(1),
  () => ({ toString: thrown, valueOf: thrown, toJSON: thrown, [Symbol.toPrimitive]: thrown }),
  thorny,
  () => new Proxy([], { get: thrown }),
  revoked,
  () => AbortSignal.abort(),
  () => new Proxy(AbortSignal.abort(), {}),
  () => Object.create(AbortSignal.prototype),
  () => new Proxy(() => {}, { apply: thrown, get: thrown }),
  () => Promise.resolve(1),
];

export function oddValue(random: Random): unknown {
  const kind = random.below(10);
  if (kind < 4) return random.pick(numbers);
  if (kind === 4) return (random.unit() - 0.5) * 10 ** random.between(0, 20);
  return kind < 7 ? random.pick(texts) : random.pick(others)();
}
