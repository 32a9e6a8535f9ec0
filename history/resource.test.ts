import { expect, test } from "vitest";
import { clockOf, isClock, isLink, isResource, linkOf, slotIn, slotOf } from "./resource.ts";

test("what is put together is taken apart to the same", () => {
  const slot = slotOf("worker", 12);
  for (const resource of [slot, linkOf(slot), clockOf(slot)]) {
    expect(isResource(resource)).toBe(true);
    expect(slotIn(resource)).toEqual({ role: "worker", slot: 12 });
  }
  expect([isLink(linkOf(slot)), isLink(slot), isClock(clockOf(slot)), isClock(linkOf(slot))]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

test("what is the store's is in no slot", () => {
  for (const resource of ["store", clockOf("store")] as const) {
    expect(isResource(resource)).toBe(true);
    expect(slotIn(resource)).toBeUndefined();
  }
});

test.each(["", "worker", "worker:", "worker:-1", "worker:01", "worker:1e3", "worker:100000", "queue:1", "link:store"])(
  "%j is none",
  (text) => {
    expect(isResource(text)).toBe(false);
  },
);
