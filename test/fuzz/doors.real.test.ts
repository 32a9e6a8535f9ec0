/** Each door for a moment; at length it is `npm run fuzz`. */
import { expect, test } from "vitest";
import { doors } from "./index.ts";

const timeout = 600_000;
const cases: Readonly<Record<string, number>> = { configurations: 300, journals: 100, "run-directories": 80 };

test.each(Object.entries(cases))("%s: of %i cases none is mishandled", { timeout }, async (name, number) => {
  expect(await doors[name]?.run("always", number)).toEqual({ cases: number, mishandled: [] });
});
