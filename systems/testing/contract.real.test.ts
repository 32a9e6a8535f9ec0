/** The contract finds what a system does wrong, and says what was expected and what was found. */
import { expect, test } from "vitest";
import { systemContract } from "./contract.ts";

test.each([
  [
    "loses-empty-text",
    /byte for byte$/,
    /^what scan\(\) shows before anybody works: expected 60, found \d+; \d+ missing/,
  ],
  ["attempts-off-by-one", /dead-letter place$/, /^jobs with their attempts that were handed over: expected 5, found /],
  ["same-receipt-twice", /settled once/, /^different ids of jobs that are not the same: expected 100, found /],
])("%s", async (mutant, which, expected) => {
  const cases = systemContract(new URL(`../mutants/${mutant}.ts`, import.meta.url));
  const [chosen] = cases.filter(({ name }) => which.test(name));
  await expect(chosen?.run()).rejects.toThrow(expected);
});

test("what a system does not offer is skipped, with the reason", async () => {
  const cases = systemContract(new URL("../bullmq.ts", import.meta.url));
  const why: string[] = [];
  for (const { name, run } of cases.filter(({ name }) => name.includes("priorities")))
    await run({ skip: (reason) => void why.push(`${name}: ${reason}`) });
  expect(why).toEqual([expect.stringMatching(/^jobs of all priorities.*: this system has no priorities$/)]);
});

test("a module without a system is told", async () => {
  const [first] = systemContract(new URL("../index.ts", import.meta.url));
  await expect(first?.run()).rejects.toThrow("has no system for its default export");
});
