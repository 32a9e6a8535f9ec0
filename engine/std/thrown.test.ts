/** What a dead letter says of whatever was thrown. */
import { expect, test } from "vitest";
import { cut, errorOf, errorText, messageOf, stackOf, wordsFor } from "./thrown.ts";

const coded = (message: string, code: string | number, options?: ErrorOptions): Error =>
  Object.assign(new Error(message, options), { code });
const throwing = (): never => {
  throw new Error("not to be looked at");
};
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
/** Each trap throws. */
const trapped = (target: object = {}): object =>
  new Proxy(target, new Proxy({}, { get: (_, trap) => (trap === "then" ? undefined : throwing) }));

test("an error is told by its name, code and message, and what caused it below", () => {
  expect(errorText(new Error("boom"))).toBe("boom");
  expect(errorText(new Error(""))).toBe("Error");
  expect(errorText(new TypeError("no function"))).toBe("TypeError: no function");
  expect(errorText(coded("", "ECONNRESET"))).toBe("Error [ECONNRESET]");
  expect(errorText(coded("already gone", 5))).toBe("Error [5]: already gone");
  const refused = [
    coded("connect ECONNREFUSED ::1:9", "ECONNREFUSED"),
    coded("connect ECONNREFUSED 127.0.0.1:9", "ECONNREFUSED"),
  ];
  const cause = Object.assign(new AggregateError(refused), { code: "ECONNREFUSED" });
  expect(errorText(new TypeError("fetch failed", { cause }))).toBe(
    [
      "TypeError: fetch failed",
      "  caused by AggregateError [ECONNREFUSED]",
      "    with Error [ECONNREFUSED]: connect ECONNREFUSED ::1:9",
      "    with Error [ECONNREFUSED]: connect ECONNREFUSED 127.0.0.1:9",
    ].join("\n"),
  );
  const after = new SuppressedError(new Error("close failed"), new Error("work failed"), "two errors");
  expect(errorText(after)).toBe("SuppressedError: two errors\n  after work failed\n  with close failed");
});

test("of many inner errors the first are told and the others counted, and a circle ends", () => {
  const many = new AggregateError(
    Array.from({ length: 100 }, (_, n) => new Error(`inner ${n}`)),
    "all of them",
  );
  expect(errorText(many).split("\n")).toEqual([
    "AggregateError: all of them",
    ...[0, 1, 2, 3, 4].map((n) => `  with inner ${n}`),
    "  and 95 more",
  ]);
  const circle = new Error("a");
  circle.cause = new Error("b", { cause: circle });
  expect(errorText(circle)).toBe("a\n  caused by b\n    caused by one of the above");
  const endless = (): object => ({ message: "again", get cause() { return endless(); } }); // prettier-ignore
  expect(errorText(endless()).split("\n")).toHaveLength(6);
});

test.each<[what: string, thrown: unknown, told: string | RegExp]>([
  ["a text", "out of paper", "out of paper"],
  ["an empty text", "", '"" was thrown'],
  ["nothing", undefined, "undefined was thrown"],
  ["null", null, "null was thrown"],
  ["a number", 42, "42 was thrown"],
  ["a large number", 10n ** 1_000_000n, "a BigInt of many digits was thrown"],
  ["a symbol", Symbol("why"), "Symbol(why) was thrown"],
  ["a function", throwing, "a function was thrown"],
  ["a list", [1, 2], "a list was thrown"],
  ["a gigabyte", new Uint8Array(2 ** 30), "a list was thrown"],
  ["an object without anything", Object.create(null), "an object was thrown"],
  ["an object", { a: 1, b: "x", c: {} }, 'an object was thrown: { a: 1, b: "x", c: an object }'],
  ["an object of a class", new (class Odd extends Map {})(), "an object was thrown, a Odd"],
  ["what says what it is", { toString: () => "a word of its own" }, "a word of its own"],
  ["what cannot say what it is", { toString: throwing }, "an object was thrown: { toString: a function }"],
  ["what says no text", { toString: () => ({}), message: undefined }, /^an object was thrown/],
  ["what is like an error", { name: "Custom", code: "E1", message: "m" }, "Custom [E1]: m"],
  ["a message that is no text", Object.assign(new Error("a"), { message: { deep: 1 } }), "an object"],
  ["a message that is a symbol", { message: Symbol("s") }, "Symbol(s)"],
  ["a name that is no text", Object.assign(new Error("a"), { name: 5 }), "a"],
  ["a revoked proxy", revoked(), /^an object was thrown/],
  ["a proxy whose traps throw", trapped(), /^an object was thrown/],
  ["an error in such a proxy", trapped(new Error("inside")), /^an object was thrown/],
  ["an error whose message throws", Object.defineProperty(new Error("a"), "message", { get: throwing }), "Error"],
  ["an error whose cause throws", Object.defineProperty(new Error("a"), "cause", { get: throwing }), "a"],
  ["inner errors of a revoked list", Object.assign(new Error("a"), { errors: revoked() }), "a"],
  [
    "more inner errors than there are",
    Object.assign(new Error("a"), { errors: Object.assign([], { length: 2 ** 32 - 1 }) }),
    /^a\n/,
  ],
])("%s", (_, thrown, told) => {
  if (typeof told === "string") expect(errorText(thrown)).toBe(told);
  else expect(errorText(thrown)).toMatch(told);
  expect(errorOf(thrown)).toBeInstanceOf(Error);
  expect(messageOf(thrown).length).toBeGreaterThan(0);
  expect(typeof stackOf(thrown)).toBe("string");
});

test("whatever is told has a bound, and no half of a surrogate pair", () => {
  const long = new Error("😀".repeat(100_000), { cause: new Error("x\n".repeat(100_000)) });
  long.name = `x${"😀".repeat(1000)}`;
  for (const text of [errorText(long), errorText("😀".repeat(5000)), errorText(new Error("half \ud83d"))]) {
    expect(text.length).toBeLessThanOrEqual(2000);
    expect(text.isWellFormed()).toBe(true);
  }
  expect(errorText(long)).toContain("caused by x");
  for (const max of [4, 5, 6, 7]) {
    expect(cut("😀😀😀😀", max).length).toBeLessThanOrEqual(max);
    expect(cut("😀😀😀😀", max)).toMatch(/^(😀)+…$/u);
  }
  expect(wordsFor("😀".repeat(100)).isWellFormed()).toBe(true);
});

test("some lines of the stack say where it was thrown, of the cause where it has none", () => {
  const inner = new Error("inner\nof two lines");
  expect(stackOf(inner)).toMatch(/^at .*thrown\.test\.ts:\d+/);
  expect(stackOf({ message: "no stack", cause: inner })).toBe(stackOf(inner));
  const deep = (n: number): Error => (n === 0 ? new Error("deep") : deep(n - 1));
  expect(stackOf(deep(50)).split("\n").length).toBeLessThanOrEqual(8);
  for (const thrown of [undefined, "text", { stack: 5 }, { stack: "no lines" }, trapped()])
    expect(stackOf(thrown)).toBe("");
  expect(stackOf({ stack: `x\n${`    at ${"y".repeat(5000)}\n`.repeat(100)}` }).length).toBeLessThanOrEqual(8 * 201);
});

test("an Error is itself for those who want one, unless it cannot be read", () => {
  const error = new TypeError("mine");
  expect(errorOf(error)).toBe(error);
  expect(errorOf(trapped(error))).toMatchObject({ message: expect.stringContaining("thrown") });
  expect(errorOf(Object.assign(new Error("a"), { message: 7 }))).toMatchObject({ message: "7" });
});
