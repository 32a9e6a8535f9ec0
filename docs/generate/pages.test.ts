/** Every generated page is the one that this code writes. */
import { expect, test } from "vitest";
import { read } from "../../rules/tree.ts";
import { pages } from "./pages.ts";

test.each(Object.entries(pages))("%s is the page of this code", async (path, write) => {
  expect(read(path).text, `${path} is out of date: \`npm run pages\` writes it again`).toBe(await write());
});
