/** Values that do not want to be looked at, from a seed: what a handler may throw, and what a caller may hand over. */
import type { NonEmpty, Random } from "../../std/random.ts";

type Maker = (random: Random, inner: () => unknown) => unknown;

const depthMax = 4;

export function hostile(random: Random, depth = 0): unknown {
  const makers: NonEmpty<Maker> = depth < depthMax ? random.pick([plain, errors, objects, proxies]) : plain;
  return random.pick(makers)(random, () => hostile(random, depth + 1));
}

const half = "\ud83d";
const texts: NonEmpty<string> = [
  "",
  "out of paper",
  half,
  "\ude00",
  `a${half}b`,
  "😀".repeat(700),
  `${"x".repeat(999)}😀`,
  "\0\r\n\u2028\u202e",
  "a\n    at fake (file:1:1)\nb",
  "[object Object]",
  '["id",1,2,[]]',
  "x".repeat(20_000),
  "2\n".repeat(5000),
];
/** Text of which some cannot be carried, and some is easily taken for another. */
export const hostileText = (random: Random): string =>
  `${random.pick(texts)}${random.pick(["", "a", half, random.pick(texts)])}`;

const numbers: NonEmpty<unknown> = [0, -0, 1, Number.NaN, Infinity, -Infinity, 1e308, 5n, -(10n ** 3000n)];

const plain: NonEmpty<Maker> = [
  () => undefined,
  () => null,
  (random) => random.pick(texts),
  (random) => random.pick(texts),
  (random) => random.pick(numbers),
  (random) => Symbol(random.pick(texts)),
  () => Symbol.iterator,
  () => thrower("a function was called"),
  () => class Thrown extends Map {},
  () => Object.create(null),
  () => ({}),
  () => new Date(Number.NaN), // oxlint-disable-line no-restricted-globals
  () => new Map([[1, 2]]),
  () => Object.assign([], { length: 2 ** 32 - 1 }),
  () => new Uint8Array(5000),
  () => new WeakMap(),
  () => Promise.resolve(1),
  () => new DOMException("aborted", "AbortError"),
  () => /x/g,
];

const thrower =
  (thrown: unknown): (() => never) =>
  () => {
    throw thrown;
  };

/** A property that throws, or is what it likes, when it is read. */
function spoil(target: object, name: PropertyKey, random: Random, inner: () => unknown): object {
  const get = random.pick([thrower(inner()), inner, () => inner()]);
  return Object.defineProperty(target, name, random.below(2) === 0 ? { get } : { value: inner(), enumerable: true });
}

const parts = ["message", "name", "code", "cause", "stack", "errors", "error", "suppressed"] as const;

const errors: NonEmpty<Maker> = [
  (random) => new Error(random.pick(texts)),
  (random, inner) => new TypeError(random.pick(texts), { cause: inner() }),
  (random, inner) => new AggregateError(Array.from({ length: random.below(12) }, inner), random.pick(texts)),
  (_, inner) => new SuppressedError(inner(), inner(), "both"),
  (random, inner) => spoil(new Error(random.pick(texts)), random.pick(parts), random, inner),
  (random, inner) =>
    parts.reduce<object>(
      (error, part) => (random.below(3) === 0 ? spoil(error, part, random, inner) : error),
      new Error("many"),
    ),
  (random) => {
    const circle = new Error(random.pick(texts));
    circle.cause = random.below(2) === 0 ? circle : new AggregateError([circle, circle], "circle", { cause: circle });
    return circle;
  },
  (random, inner) => ({ name: random.pick(texts), message: inner(), code: inner() }),
  (random) => {
    class Odd extends Error {
      override readonly name = random.pick(texts);
      override get message(): string {
        throw new Error("no message");
      }
    }
    return new Odd();
  },
];

const objects: NonEmpty<Maker> = [
  (_, inner) => ({ toString: thrower(inner()) }),
  (_, inner) => ({ toString: inner, valueOf: inner }),
  (_, inner) => ({ [Symbol.toPrimitive]: thrower(inner()) }),
  (_, inner) => ({ toJSON: thrower(inner()) }),
  (_, inner) => ({ toJSON: inner }),
  (random, inner) => spoil({}, Symbol.toStringTag, random, inner),
  (random, inner) => spoil({}, "constructor", random, inner),
  (random, inner) => spoil({}, "then", random, inner),
  (_, inner) => new Proxy([1, 2], { get: (list, name) => (name === "length" ? inner() : Reflect.get(list, name)) }),
  (_, inner) => [inner(), inner()],
  (_, inner) => ({ a: inner(), b: { c: inner() } }),
  // oxlint-disable-next-line unicorn/no-thenable
  (_, inner) => ({ then: (_done: unknown, reject: (error: unknown) => void) => reject(inner()) }),
  // oxlint-disable-next-line unicorn/no-thenable
  () => ({ then: () => {} }),
  (_, inner) => {
    const rejected = Promise.reject(inner());
    rejected.catch(() => {}); // that it is rejected at all is not the engine's
    return rejected;
  },
  (_, inner) => {
    const circle: Record<string, unknown> = { a: inner() };
    circle["self"] = circle;
    return Object.freeze(circle);
  },
];

const proxies: NonEmpty<Maker> = [
  () => revoked({}),
  () => revoked([]),
  () => revoked(() => {}),
  () => revoked(new Error("inside")),
  (_, inner) => new Proxy(new Error("trapped"), new Proxy({}, { get: () => thrower(inner()) })),
  (_, inner) => new Proxy({}, { get: inner }),
  (_, inner) => new Proxy(new Error("changing"), { get: inner, getPrototypeOf: thrower(inner()) }),
  (_, inner) => new Proxy({}, { ownKeys: thrower(inner()), has: thrower(inner()) }),
  (random) =>
    new Proxy({}, { ownKeys: () => Array.from({ length: 1000 }, (_, n) => `${n}${random.pick(texts)}`.slice(0, 50)) }),
];

function revoked(target: object): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}
