/** The page about machines is the one that this code writes. */
import { expect, test } from "vitest";
import { machinesPage } from "./machines-page.ts";
import { read } from "./tree.ts";

test("docs/machines.md is the page of this code", () => {
  expect(
    read("docs/machines.md").text,
    `docs/machines.md is out of date; write it again with
  node -e 'import("./test/machines-page.ts").then((it) => process.stdout.write(it.machinesPage()))' > docs/machines.md`,
  ).toBe(machinesPage());
});
