/** `whitewater list`: every member of every catalogue in force, each with what it is. */
import { styleText } from "node:util";
import { loadSystem, type Catalogues } from "../catalogues/catalogues.ts";
import { validateScenario } from "../scenarios/schema.ts";
import type { Scenario } from "../scenarios/contract.ts";
import { onOneLine } from "../std/printable.ts";
import { configurationOption, inForce } from "./catalogues.ts";
import type { Command } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";

export const list: Command = {
  about: "Lists scenarios, systems, faults, guarantees and measures in force here, your own first.",
  options: {
    mutants: { about: "the systems that are broken on purpose, and no others: `whitewater mutants` runs them" },
    ...configurationOption,
  },
  async run(words) {
    const { catalogues } = await inForce(words);
    for (const [name, scenario] of Object.entries(catalogues.scenarios)) validateScenario(name, scenario);
    const { mutants = [] } = catalogues;
    if (words.has("mutants")) {
      section("Mutants: broken on purpose", await told(catalogues, (name) => mutants.includes(name)));
      return exitCodes.pass;
    }
    const systems = await told(catalogues, (name) => !mutants.includes(name));
    section("Scenarios: what to do", withThresholds(catalogues.scenarios));
    section("Systems: to whom", systems);
    if (mutants.length > 0)
      console.log(`  and ${mutants.length} that are broken on purpose: whitewater list --mutants\n`);
    section("Faults: what goes wrong", catalogues.faults);
    section("Guarantees: what must hold", catalogues.checks);
    section("Measures: how fast it was", catalogues.measures);
    return exitCodes.pass;
  },
};

/** With their profiles. */
async function told(
  { systems }: Pick<Catalogues, "systems">,
  isWanted: (name: string) => boolean,
): Promise<Readonly<Record<string, { readonly about: string }>>> {
  const members: Record<string, { readonly about: string }> = {};
  // One after the other: a module that ends the process is told by its name.
  for (const [name, load] of Object.entries(systems)) {
    if (!isWanted(name)) continue;
    const { about, profiles } = await loadSystem(name, load);
    const names = Object.keys(profiles);
    members[name] = { about: about + (names.length === 0 ? "" : ` Profiles: ${names.join(", ")}.`) };
  }
  return members;
}

/** With what they ask of speed. */
const withThresholds = (
  scenarios: Readonly<Record<string, Scenario>>,
): Readonly<Record<string, { readonly about: string }>> =>
  Object.fromEntries(
    Object.entries(scenarios).map(([name, { about, thresholds = [] }]) => {
      const asked = thresholds.map((one) => (typeof one === "string" ? one : one.threshold));
      return [name, { about: asked.length === 0 ? about : `${about} Thresholds: ${asked.join("; ")}.` }];
    }),
  );

function section(title: string, members: Readonly<Record<string, { readonly about: string }>>): void {
  console.log(styleText("bold", title));
  const width = Math.max(...Object.keys(members).map((name) => name.length)) + 2;
  for (const [name, { about }] of Object.entries(members))
    console.log(`  ${name.padEnd(width)}${wrapped(onOneLine(about), width + 2)}`);
  console.log();
}

/** Folded at blanks so that it stays in its column. */
function wrapped(text: string, indent: number): string {
  const room = Math.max(40, (process.stdout.columns ?? 110) - indent);
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) ?? "";
    if (line !== "" && line.length + word.length + 1 > room) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}
