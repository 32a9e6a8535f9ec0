import { expect, test } from "vitest";
import { faults } from "../chaos/index.ts";
import { schedule } from "../harness/schedule.ts";
import { plain } from "../std/json.ts";
import { seeded } from "../std/random.ts";
import type { Scenario } from "./contract.ts";
import { scenarios } from "./index.ts";

for (const [name, scenario] of Object.entries<Scenario>(scenarios)) {
  const { load } = scenario;
  const draw = (seed: number) =>
    schedule(scenario.trouble, { faults, target: load, seconds: load.seconds }, seeded(String(seed)));

  test(`${name}: says what it is, and is plain data`, () => {
    expect(scenario.about).toMatch(/^[A-Z].{40,}\.$/);
    expect(plain(scenario)).toEqual(scenario);
  });

  test(`${name}: its faults find their places whatever the seed, the same ones for the same seed`, () => {
    for (let seed = 0; seed < 300; seed++) draw(seed);
    expect(JSON.stringify(draw(1))).toBe(JSON.stringify(draw(1)));
  });
}
