import { expect, test } from "vitest";
import { failureDetector } from "./failure-detector.ts";

function watching(): {
  readonly at: (ms: number, counters: Record<string, string>) => Record<string, number>;
  readonly outOfTouch: () => void;
} {
  let now = 0;
  const detector = failureDetector(2000, { nowMs: () => now });
  return {
    at(ms, counters) {
      now = ms;
      const looked = detector.look(new Map(Object.entries(counters)));
      return Object.fromEntries(looked.map(({ name, stillMs }) => [name, stillMs]));
    },
    outOfTouch: detector.outOfTouch,
  };
}

test("time adds up while a counter stands still, from the first look on, and ends when it moves or comes anew", () => {
  const { at } = watching();
  expect(at(1000, { a: "1", b: "1" })).toEqual({ a: 0, b: 0 });
  expect(at(2000, { a: "1", b: "2" })).toEqual({ a: 1000, b: 0 });
  expect(at(3000, { a: "1", b: "2", c: "9" })).toEqual({ a: 2000, b: 1000, c: 0 });
  expect(at(4000, { b: "2" })).toEqual({ b: 2000 });
  expect(at(5000, { a: "1", b: "3" })).toEqual({ a: 0, b: 0 });
});

test("a long pause of the watcher, and time out of touch, make nobody look dead", () => {
  const { at, outOfTouch } = watching();
  at(0, { a: "1" });
  expect(at(60_000, { a: "1" })).toEqual({ a: 2000 });
  outOfTouch();
  expect(at(120_000, { a: "1" })).toEqual({ a: 2000 });
  expect(at(121_000, { a: "1" })).toEqual({ a: 3000 });
});

test("what others saw counts for who did not see it itself, and where the counter still is what it was", () => {
  let now = 0;
  const detector = failureDetector(2000, { nowMs: () => now });
  const told = new Map([
    ["a", { value: "1", stillMs: 3000 }],
    ["b", { value: "1", stillMs: 3000 }],
  ]);
  const look = (at: number, counters: Record<string, string>, reported = told): Record<string, number> => {
    now = at;
    const looked = detector.look(new Map(Object.entries(counters)), reported);
    return Object.fromEntries(looked.map(({ name, stillMs }) => [name, stillMs]));
  };
  expect(look(0, { a: "1", b: "2" })).toEqual({ a: 3000, b: 0 });
  // A store that forgot has an old value again: it moved, and whoever saw that knows when.
  expect(look(1000, { a: "1", b: "1" })).toEqual({ a: 4000, b: 0 });
  expect(look(1500, { a: "2", b: "1" })).toEqual({ a: 0, b: 500 });
  const since = new Map([["a", { value: "2", stillMs: 4500 }]]);
  expect(look(2000, { a: "2", b: "1" }, since)).toEqual({ a: 500, b: 1000 });
  // Out of touch, it may have missed what others saw.
  detector.outOfTouch();
  expect(look(7000, { a: "2", b: "2" }, since)).toEqual({ a: 4500, b: 0 });
  expect(look(8000, { a: "2", b: "2" }, since)).toEqual({ a: 5500, b: 1000 });
  // So may it while it stood still.
  expect(look(20_000, { a: "3", b: "2" }, new Map([["a", { value: "3", stillMs: 2500 }]]))).toEqual({
    a: 2500,
    b: 3000,
  });
});
