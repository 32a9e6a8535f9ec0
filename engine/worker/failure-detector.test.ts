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

test("what others saw counts for who is seen for the first time, and where the counter still is what it was", () => {
  let now = 0;
  const detector = failureDetector(2000, { nowMs: () => now });
  const told = new Map([
    ["a", { value: "1", stillMs: 3000 }],
    ["b", { value: "1", stillMs: 3000 }],
  ]);
  const look = (counters: Record<string, string>): Record<string, number> =>
    Object.fromEntries(
      detector.look(new Map(Object.entries(counters)), told).map(({ name, stillMs }) => [name, stillMs]),
    );
  expect(look({ a: "1", b: "2" })).toEqual({ a: 3000, b: 0 });
  now = 1000;
  expect(look({ a: "1", b: "1" })).toEqual({ a: 4000, b: 0 });
  now = 1500;
  expect(look({ a: "2", b: "1" })).toEqual({ a: 0, b: 500 });
});
