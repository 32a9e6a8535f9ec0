/** What every fault must be able to do before it is armed for the first time. */
import { expect, test } from "vitest";
import { plain } from "../std/json.ts";
import { seeded } from "../std/random.ts";
import type { Fault, Target } from "./contract.ts";
import { faults } from "./index.ts";

const target: Target = { workers: 16, producers: 3 };
const seeds = Array.from({ length: 20 }, (_, index) => `seed ${index}`);

for (const [name, member] of Object.entries(faults)) {
  const fault: Fault = member;
  const planned = (seed: string): string => JSON.stringify(fault.plan(fault.options.parse({}), target, seeded(seed)));

  test(`${name} says in a sentence what it does, and what it needs`, () => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(fault.about).toMatch(/^[A-Z].{20,}\.$/);
    expect(fault.needs.length).toBeGreaterThan(0);
  });

  test(`${name} has a default for each of its options, and refuses those that it does not have`, () => {
    expect(fault.options.safeParse({}).success).toBe(true);
    expect(fault.options.safeParse({ misspelt: 1 }).success).toBe(false);
  });

  test(`${name} plans the same for a seed, byte for byte, and not always the same`, () => {
    for (const seed of seeds) expect(planned(seed)).toBe(planned(seed));
    expect(new Set(seeds.map(planned)).size).toBeGreaterThan(1);
  });

  test(`${name} plans plain data that says what it touches, and for how long`, () => {
    const plan = fault.plan(fault.options.parse({}), target, seeded("plain"));
    expect(plain(plan)).toEqual(plan);
    expect(plan.touches.length).toBeGreaterThan(0);
    expect(plan.lastsMs).toBeGreaterThan(0);
    expect(plan.relies.filter((resource) => plan.touches.includes(resource))).toEqual([]);
  });
}

test("whatever takes hold of connections looks for the system's own first", () => {
  const members: readonly (readonly [string, Fault])[] = Object.entries(faults);
  const takes = members.filter(([, { needs }]) => needs.includes("proxy") || needs.includes("store"));
  expect(takes.filter(([, { meet }]) => meet === undefined).map(([name]) => name)).toEqual([]);
});

test("a duration's bounds come in order", () => {
  expect(faults.cut.options.safeParse({ lastsMs: [2000, 1000] }).success).toBe(false);
  expect(faults["broker-stop"].options.parse({ lastsMs: [700, 700], how: "crash" })).toEqual({
    lastsMs: [700, 700],
    how: "crash",
  });
});
