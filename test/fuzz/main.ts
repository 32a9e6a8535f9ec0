/**
 * `npm run fuzz -- --door NAME --cases N --seed S`: one door at length, or all of them. Ends with 1 where a case was
 * mishandled.
 */
import { parseArgs } from "node:util";
import { doors } from "./index.ts";

const { values } = parseArgs({
  options: {
    door: { type: "string" },
    cases: { type: "string", default: "1000" },
    seed: { type: "string", default: "1" },
  },
});
const chosen = values.door === undefined ? Object.keys(doors) : [values.door];
let mishandled = 0;
for (const name of chosen) {
  const door = Object.hasOwn(doors, name) ? doors[name] : undefined;
  if (door === undefined) throw new Error(`no door is called "${name}"; there are: ${Object.keys(doors).join(", ")}`);
  const told = await door.run(values.seed, Number(values.cases));
  mishandled += told.mishandled.length;
  console.log(`${name}: ${told.cases} cases, mishandled: ${told.mishandled.length}`);
  for (const { seed, what } of told.mishandled) console.log(`  ${seed}: ${what}`);
}
process.exit(mishandled === 0 ? 0 : 1);
