/** What every system must say of itself, without a store. */
import { expect, test } from "vitest";
import { checks } from "../checks/index.ts";
import type { System } from "./contract.ts";
import { systems } from "./index.ts";

for (const [name, entry] of Object.entries(systems)) {
  const system = async (): Promise<System> => (await entry()).default;

  test(`${name}: its defaults are settings, its profiles too, and no stranger is`, async () => {
    const { options, profiles } = await system();
    expect(options.safeParse({}).success).toBe(true);
    for (const profile of Object.values(profiles)) expect(options.parse(profile)).toEqual(profile);
    expect(options.safeParse({ misspelt: 1 }).success).toBe(false);
  });

  test(`${name}: claims guarantees that there are, on terms that they know`, async () => {
    const { claims, options, profiles } = await system();
    for (const settings of [options.parse({}), ...Object.values(profiles)]) {
      for (const [guarantee, terms] of Object.entries(claims(settings))) {
        const check = Object.entries(checks).find(([known]) => known === guarantee)?.[1];
        expect({ guarantee, known: check !== undefined }).toEqual({ guarantee, known: true });
        expect({ guarantee, terms: check?.options.safeParse(terms).success }).toEqual({ guarantee, terms: true });
      }
    }
  });

  test(`${name}: says in how long it recovers, and what it is`, async () => {
    const { about, bounds, options, profiles, roles } = await system();
    for (const settings of [options.parse({}), ...Object.values(profiles)]) {
      const { recoveryMs, retryMs } = bounds(settings);
      expect(recoveryMs).toBeGreaterThan(0);
      expect(retryMs).toBeGreaterThanOrEqual(0);
    }
    expect(roles).toContain("commands");
    expect(about).toMatch(/^[A-Z].*\.$/);
  });
}
