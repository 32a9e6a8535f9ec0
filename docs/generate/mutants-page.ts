/** docs/mutants.md: every mutant, told from what it says about itself. */
import type { Mutant } from "../../systems/contract.ts";
import { mutants } from "../../systems/mutants/index.ts";

const introduction = `# Mutants

Written by a program from what each mutant says about itself: \`docs/generate/mutants-page.ts\`.

A check that has never failed proves nothing. A mutant is the reference engine with one bug: it names the one check that must
fail it, and the smallest scenario in which it must. Each says whether \`day\`, the main job, has to fail it too, or why it cannot.
One is no copy of the engine, and has many: \`seed-literal\` is the sketch that
the engine started from, taken at its word. [What became of it](seed-literal.md) is a page of its own.

\`\`\`sh
whitewater mutants                            # all of them, three seeds each
whitewater mutants no-fencing --seeds 10      # some of them
whitewater mutants --under day                # those that the longest scenario has to show as well, in it
whitewater mutants --from ./broken            # your own: each module of that folder whose default export is a mutant
\`\`\`

Beside each mutant the clean engine runs under the same seed and the same schedule. The exit code is 0 only if every mutant is
killed by the check that it names in at least 90 % of its runs, nothing else is red but what the bug itself turns red, and
every clean run is green; 1 when a mutant escaped or a check cried wolf; 2 when a run proved nothing. The matrix is kept as
\`mutants.json\` and \`mutants.md\` in the directory of the runs. \`--parallel 2\` runs two at a time.

A mutant of your own is a system like any other, with three words more. This one, in a file of that folder, forgets every
thousandth job and says that it has it:

\`\`\`ts
import { builtin, type Mutant } from "whitewater";

const { default: stream } = await builtin.systems.stream();
let count = 0;

export default {
  ...stream,
  about: "Forgets every thousandth job.",
  async connect(context, config) {
    const connection = await stream.connect(context, config);
    return {
      ...connection,
      async enqueue(jobs) {
        const receipts = await Promise.all(
          jobs.map((job) => (++count % 1000 === 0 ? [{ outcome: "ok", id: "forgotten " + count }] as const : connection.enqueue([job]))),
        );
        return receipts.flat();
      },
    };
  },
  killedBy: "no-acked-loss",
  under: "smoke",
  related: [],
} satisfies Mutant;
\`\`\`
`;

export async function mutantsPage(): Promise<string> {
  const members: (readonly [name: string, mutant: Mutant])[] = [];
  for (const [name, load] of Object.entries(mutants)) members.push([name, (await load()).default]);
  return [
    introduction,
    "| mutant | has to be failed by | under | in `day`, too | turns red as well, for the same bug |",
    "| --- | --- | --- | --- | --- |",
    ...members.map(
      ([name, { killedBy, under, alsoUnder = [], hiddenUnder = {}, related }]) =>
        `| [${name}](#${name}) | ${linkTo(killedBy)} | ${placesOf(under, alsoUnder)} | ${"day" in hiddenUnder ? `no: ${hiddenUnder["day"]}` : "yes"} | ${related.map(linkTo).join(", ") || "nothing"} |`,
    ),
    "",
    ...members.flatMap(([name, { about }]) => [`## ${name}`, "", about, ""]),
  ].join("\n");
}

/** Where it has to be failed, the smallest first. */
const placesOf = (under: string, alsoUnder: readonly string[]): string =>
  [under, ...alsoUnder.filter((scenario) => scenario !== "day")].map(linkTo).join(", ");

const linkTo = (name: string): string => `[${name}](catalogue.md#${name})`;
