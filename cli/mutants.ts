/** `whitewater mutants`: proves the checks, by systems that are broken on purpose and by the clean one beside them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { styleText } from "node:util";
import { loadCatalogues } from "../catalogues/configuration.ts";
import { defaults, planRun } from "../harness/plan.ts";
import { sweepAll } from "../harness/sweep.ts";
import { configurationOfFolder } from "../studies/mutants/folder.ts";
import type { Cell } from "../studies/mutants/cells.ts";
import { cellsOf, runMatrix, type MatrixRequest } from "../studies/mutants/matrix.ts";
import { cleanFindings, findingsOf, greenOf, killedOf, matrixPage, sentences } from "../studies/mutants/page.ts";
import { mutantsAmong, suspectsFrom } from "../studies/mutants/suspects.ts";
import { cleanRun, mutantRun, type Matrix, type Told } from "../studies/mutants/verdict.ts";
import { UserError } from "../std/user-error.ts";
import { configurationOption, inForce, type InForce } from "./catalogues.ts";
import { wholeNumber, type Command, type Words } from "./command.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { clock } from "./live.ts";
import { stopOnSignals } from "./signals.ts";
import { describeSwept } from "./swept.ts";

export const mutants: Command = {
  about:
    "Proves the checks: systems that are broken on purpose have to be failed, each by the check that it names. The clean system runs beside them under the same seeds and schedules, and has to be green.",
  operand: { name: "mutant", about: "which ones (default: all)", many: true },
  options: {
    from: { about: "a folder with mutants of your own, a module each; those are run and no others", value: "DIR" },
    clean: { about: "the system that they are broken copies of (default: stream)", value: "NAME" },
    under: { about: "a scenario beside their own: those that are to be found out in it as well", value: "SCENARIO" },
    seeds: { about: "runs of each mutant, each with a seed of its own (default: 3)", value: "N" },
    seed: { about: "the same seed gives the same schedules (default: drawn, and printed)", value: "TEXT" },
    parallel: { about: "runs at once (default: 1)", value: "N" },
    runs: {
      about: "where run directories are made, and mutants.json and mutants.md are written (default: runs)",
      value: "DIR",
    },
    ...configurationOption,
  },
  async run(words) {
    const stop = stopOnSignals();
    const runs = words.text("runs") ?? "runs";
    const request = await requestOf(words, runs);
    for (const swept of await sweepAll(runs)) console.error(describeSwept(swept));
    await announce(request);

    const of = cellsOf(request).length;
    let ended = 0;
    const matrix = await runMatrix(
      request,
      {
        told: (cell, told) => console.log(`${String(++ended).padStart(String(of).length)}/${of}  ${line(cell, told)}`),
      },
      stop,
    );
    mkdirSync(runs, { recursive: true });
    writeFileSync(join(runs, "mutants.json"), `${JSON.stringify(matrix, null, 2)}\n`);
    writeFileSync(join(runs, "mutants.md"), matrixPage(matrix));
    console.log(summary(matrix));
    console.log(styleText("dim", `Kept in ${join(runs, "mutants.json")} and ${join(runs, "mutants.md")}.`));
    return exitCodeOf([matrix.verdict]);
  },
};

async function requestOf(words: Words, runs: string): Promise<MatrixRequest> {
  const number = (option: string, standard: number): number =>
    wholeNumber(option, words.text(option) ?? String(standard), 1);
  const seed = words.text("seed") ?? randomBytes(4).toString("hex");
  if (!/^[\w.-]{1,64}$/.test(seed))
    throw new UserError(`--seed takes letters, digits, ".", "_" and "-", not "${seed}"`);
  const own = await inForce(words);
  const folder = words.text("from");
  const given = folder === undefined ? undefined : configurationOfFolder(folder, own.configuration, runs);
  const { catalogues, configuration, directory }: InForce =
    given === undefined
      ? own
      : { ...own, configuration: given.configuration, catalogues: await loadCatalogues(given.configuration) };
  const suspects = suspectsFrom(
    await mutantsAmong(catalogues.systems, given?.names),
    words.operands,
    catalogues,
    words.text("under"),
  );
  if (suspects.length === 0)
    throw new UserError(
      folder === undefined
        ? "there is no mutant among the systems in force here"
        : `${folder} holds no mutant: no module in it has one as its default export`,
    );
  return {
    configuration,
    directory,
    runs,
    given: {},
    suspects,
    clean: words.text("clean") ?? "stream",
    seeds: Array.from({ length: number("seeds", 3) }, (_, index) => `${seed}.${index + 1}`),
    parallel: number("parallel", 1),
  };
}

/** What will be run and for how long at the least; and every mistake in it, before anything is started. */
async function announce(request: MatrixRequest): Promise<void> {
  const catalogues = await loadCatalogues(request.configuration);
  let seconds = 0;
  for (const cell of cellsOf(request)) seconds += (await planRun({ ...cell, profile: defaults }, catalogues)).seconds;
  const { suspects, seeds, clean, parallel } = request;
  console.log(styleText("bold", `${suspects.length} mutants of ${clean}, ${seeds.length} seeds: ${seeds.join(", ")}`));
  console.log(
    styleText(
      "dim",
      `${cellsOf(request).length} runs, ${parallel} at once; their loads alone take ${clock((seconds * 1000) / parallel)}`,
    ),
  );
}

function line({ scenario, system, seed, suspect }: Cell, told: Told): string {
  const head = `${system} under ${scenario}, seed ${seed}:`;
  const took = "failed" in told ? "" : styleText("dim", ` (${clock(told.run.seconds * 1000)})`);
  if (suspect === undefined) {
    const { verdict, red, why } = cleanRun(seed, told);
    const said =
      verdict === "pass"
        ? styleText("green", "green")
        : styleText("red", `${verdict} ${red.join(", ") || (why ?? "")}`);
    return `${head} ${said}${took}`;
  }
  const { outcome, red, falseAlarms, why } = mutantRun(suspect, seed, told);
  const also = red.filter((name) => name !== suspect.killedBy && !falseAlarms.includes(name));
  return (
    [
      head,
      outcome === "killed"
        ? styleText("green", `killed by ${suspect.killedBy}`)
        : styleText("red", `${outcome} ${why ?? suspect.killedBy}`),
      ...(also.length > 0 ? [`(also ${also.join(", ")})`] : []),
      ...(falseAlarms.length > 0 ? [styleText("red", `false alarm: ${falseAlarms.join(", ")}`)] : []),
    ].join(" ") + took
  );
}

function summary({ verdict, mutants: rows, clean }: Matrix): string {
  const table = [
    ["mutant", "under", "killed by", "killed"],
    ...rows.map((row) => [row.name, row.under, row.killedBy, killedOf(row)]),
    ["", "", "", "green"],
    ...clean.map((row) => [`${row.system} (clean)`, row.scenario, "", greenOf(row)]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...table.map((cells) => cells[column]?.length ?? 0)) + 2);
  const findings = [...rows.flatMap(findingsOf), ...clean.flatMap(cleanFindings)];
  return [
    "",
    ...table.map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("")
        .trimEnd(),
    ),
    "",
    ...findings.map((finding) => styleText(finding.includes("unknown:") ? "yellow" : "red", finding)),
    styleText("bold", sentences[verdict]),
  ].join("\n");
}
