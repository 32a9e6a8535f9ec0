/** What every mutant must say of itself, without a store. */
import { expect, test } from "vitest";
import { claimsInForce } from "../../harness/verdict.ts";
import { boundsOf } from "../../history/bounds.ts";
import { builtin } from "../../index.ts";
import { mutantsAmong, suspectsFrom } from "../../studies/mutants/suspects.ts";
import type { Mutant } from "../contract.ts";
import stream from "../stream.ts";
import { mutants } from "./index.ts";

for (const [name, load] of Object.entries(mutants)) {
  test(`${name}: names checks and a scenario that there are, and claims what it is to break`, async () => {
    const found = await mutantsAmong(mutants, [name]);
    expect(suspectsFrom(found, [], builtin)).toMatchObject([{ name }]);
    const { killedBy, related }: Mutant = (await load()).default;
    expect(new Set([killedBy, ...related]).size, "each once").toBe(1 + related.length);
  });

  test(`${name}: says whether the main job shows it, and why where it does not`, async () => {
    const { under, alsoUnder = [], hiddenUnder = {} }: Mutant = (await load()).default;
    const shown = [under, ...alsoUnder].includes("day");
    expect(shown !== "day" in hiddenUnder, "one of both").toBe(true);
    for (const reason of Object.values(hiddenUnder)) expect(reason).toMatch(/^[a-z].{20,}[^.]$/);
  });

  test(`${name}: is the reference engine in all but its bug, and says what that is`, async () => {
    const { about, options, claims, bounds } = (await load()).default;
    const settings = stream.options.parse({});
    expect(about).toMatch(/^(The reference engine, except that|The sketch that the engine started from,) .{40,}\.$/);
    expect(options).toBe(stream.options);
    expect(claims(settings)).toEqual(stream.claims(settings));
    expect(bounds(settings)).toEqual(stream.bounds(settings));
  });
}

test("every mutant is to be had by its name, in the order of the alphabet", () => {
  expect(Object.keys(builtin.systems)).toEqual(expect.arrayContaining(Object.keys(mutants)));
  expect(Object.keys(mutants)).toEqual(Object.keys(mutants).toSorted());
});

test("every promise of the engine has a mutant that breaks it: a check that has never failed proves nothing", async () => {
  const broken = new Set(Object.values(await mutantsAmong(mutants)).map(({ killedBy }) => killedBy));
  const settings = stream.options.parse({});
  const promises = Object.keys(
    claimsInForce(stream, settings, boundsOf(stream.bounds(settings)), { checks: builtin.checks, name: "stream" }),
  );
  expect(promises.filter((name) => !broken.has(name))).toEqual([]);
});
