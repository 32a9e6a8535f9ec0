/** The page about the catalogue is the one that this code writes. */
import { expect, test } from "vitest";
import { cataloguePage } from "./catalogue-page.ts";
import { read } from "./tree.ts";

test("docs/catalogue.md is the page of this code", async () => {
  expect(
    read("docs/catalogue.md").text,
    `docs/catalogue.md is out of date; write it again with
  node -e 'import("./test/catalogue-page.ts").then(async (it) => process.stdout.write(await it.cataloguePage()))' > docs/catalogue.md`,
  ).toBe(await cataloguePage());
});
