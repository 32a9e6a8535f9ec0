/** Some cases with every run of the tests; `npm run fuzz -- --door options --cases 200000` has more. */
import { expect, test } from "vitest";
import { oddValue } from "./odd-values.ts";
import { openDoors } from "./option-doors.ts";
import { options } from "./options.ts";
import { seeded } from "../../std/random.ts";

test("whatever is given as an option, it is taken or refused by its name", async () => {
  expect(await options.run("ci", 3000)).toEqual({ cases: 3000, mishandled: [] });
});

test("each door is met with what fits and with what does not, of each of its options", async () => {
  await using doors = await openDoors();
  const random = seeded("both");
  const values = Array.from({ length: 3000 }, () => oddValue(random));
  for (const { name, takes } of doors.all)
    for (const [option, fits] of Object.entries(takes))
      expect([name, option, values.some((value) => !fits(value))]).toEqual([name, option, true]);
});
