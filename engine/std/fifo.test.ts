import { expect, test } from "vitest";
import { fifo } from "./fifo.ts";

test("what goes in comes out in order, also while the queue never runs empty", () => {
  const queue = fifo<{ readonly n: number }>();
  const out: number[] = [];
  for (let n = 0; n < 10_000; n++) {
    queue.push({ n });
    if (n % 3 !== 0) out.push(queue.shift()?.n ?? -1);
  }
  expect(queue.length).toBe(10_000 - out.length);
  expect(queue.peek()?.n).toBe(out.length);
  expect([...out, ...queue.clear().map(({ n }) => n)]).toEqual(Array.from({ length: 10_000 }, (_, n) => n));
  expect([queue.length, queue.shift(), queue.peek()]).toEqual([0, undefined, undefined]);
});
