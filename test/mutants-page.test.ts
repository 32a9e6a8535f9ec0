/** The page about the mutants is the one that this code writes. */
import { expect, test } from "vitest";
import { mutantsPage } from "./mutants-page.ts";
import { read } from "./tree.ts";

test("docs/mutants.md is the page of this code", async () => {
  expect(
    read("docs/mutants.md").text,
    `docs/mutants.md is out of date; write it again with
  node -e 'import("./test/mutants-page.ts").then(async (it) => process.stdout.write(await it.mutantsPage()))' > docs/mutants.md`,
  ).toBe(await mutantsPage());
});
