/**
 * `whitewater proof`: every scenario on the reference engine, on one store and on a cluster, and every mutant; an hour
 * in all.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { styleText } from "node:util";
import type { Catalogues } from "../catalogues/catalogues.ts";
import { commitOf } from "../harness/description.ts";
import { expectCluster } from "../harness/environment/unavailable.ts";
import { defaults, planRun } from "../harness/plan.ts";
import { sweepAll } from "../harness/sweep.ts";
import { mutantsAmong, suspectsFrom } from "../studies/mutants/suspects.ts";
import { proofHeads, proofPage, proofSentences, proofTables } from "../studies/proof-page.ts";
import { cellsOfProof, prove, type Proof, type ProofRequest, type ProofRow } from "../studies/proof.ts";
import { plural } from "../reports/figures.ts";
import { monotonic } from "../std/clock.ts";
import { UserError } from "../std/user-error.ts";
import { inForce } from "./catalogues.ts";
import { wholeNumber, type Command, type Words } from "./command.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { clock } from "./live.ts";
import { stopOnSignals } from "./signals.ts";
import { describeSwept } from "./swept.ts";

const systems = ["stream", "stream-cluster"] as const;
const page = "proof.md";

export const proof: Command = {
  about:
    "Proves all of it: every scenario once on the reference engine, on a single store and on a cluster, then every mutant once. Takes an hour, alone on the machine.",
  options: {
    seed: { about: "the same seed gives the same schedules (default: drawn, and printed)", value: "TEXT" },
    parallel: { about: "runs at once, but for those that fill the machine (default: 1)", value: "N" },
    only: { about: "these scenarios and mutants alone, such as smoke,no-reclaim", value: "NAME,NAME" },
    runs: { about: `where run directories are made, and ${page} is written (default: runs)`, value: "DIR" },
  },
  async run(words) {
    const stop = stopOnSignals();
    const own = await inForce(words);
    const request = await requestOf(words, own);
    for (const swept of await sweepAll(request.runs)) console.error(describeSwept(swept));
    const costs = await costsOf(request, own.catalogues);
    announce(request, costs);
    const names = cellsOfProof(request).map(({ system, scenario }) => `${system} under ${scenario}`);

    const fromNs = monotonic.nowNs();
    const seconds = (): number => (monotonic.nowNs() - fromNs) / 1e9;
    const commit = commitOf(own.directory);
    mkdirSync(request.runs, { recursive: true });
    // After each run, so that what was done is kept however it ends.
    const keep = (known: Proof): void =>
      writeFileSync(join(request.runs, page), proofPage({ proof: known, commit, seconds: seconds() }));
    const of = costs.length;
    let ended = 0;
    const place = (index: number): string => `${String(index + 1).padStart(String(of).length)}/${of}`;
    const proven = await prove(
      request,
      {
        begun(index) {
          const left = clock(secondsLeft(costs, ended, seconds()) * 1000);
          const line = `${place(index)}  ${names[index]} ... (${clock(seconds() * 1000)} gone, about ${left} left)`;
          console.error(styleText("dim", line, { stream: process.stderr }));
        },
        told(index, known) {
          ended++;
          keep(known);
          const row = known.rows[index];
          if (row !== undefined) console.log(`${place(index)}  ${names[index]}: ${saidOf(row)}`);
        },
      },
      stop,
    );
    keep(proven);
    console.log(summary(proven));
    console.log(styleText("dim", `Kept in ${join(request.runs, page)}.`));
    return exitCodeOf([proven.verdict]);
  },
};

async function requestOf(
  words: Words,
  { catalogues, configuration, directory }: Awaited<ReturnType<typeof inForce>>,
): Promise<ProofRequest> {
  const seed = words.text("seed") ?? randomBytes(4).toString("hex");
  if (!/^[\w.-]{1,64}$/.test(seed))
    throw new UserError(`--seed takes letters, digits, ".", "_" and "-", not "${seed}"`);
  const suspects = suspectsFrom(await mutantsAmong(catalogues.systems), [], catalogues);
  const all = [...Object.keys(catalogues.scenarios), ...suspects.map(({ name }) => name)];
  const only =
    words
      .text("only")
      ?.split(",")
      .map((name) => name.trim()) ?? all;
  const stranger = only.find((name) => !all.includes(name));
  if (stranger !== undefined)
    throw new UserError(
      `--only takes scenarios and mutants, and none is called "${stranger}"; there are: ${all.join(", ")}`,
    );
  return {
    configuration,
    directory,
    runs: words.text("runs") ?? "runs",
    given: {},
    scenarios: Object.keys(catalogues.scenarios).filter((name) => only.includes(name)),
    systems,
    suspects: suspects.filter(({ name }) => only.includes(name)),
    seed,
    parallel: wholeNumber("parallel", words.text("parallel") ?? "1", 1),
    alone: Object.entries(catalogues.scenarios).flatMap(([name, { load }]) =>
      load.jobs / load.seconds >= fullRate ? [name] : [],
    ),
  };
}

/** What each run takes of the proof's time, s, about; and every mistake, before anything is started. */
async function costsOf(request: ProofRequest, catalogues: Catalogues): Promise<readonly number[]> {
  const costs: number[] = [];
  for (const cell of cellsOfProof(request)) {
    const { seconds, store } = await planRun({ ...cell, profile: defaults }, catalogues);
    if (store === "cluster") await expectCluster({});
    const lanes = request.alone.includes(cell.scenario) ? 1 : request.parallel;
    costs.push((seconds + besideLoad) / lanes);
  }
  return costs;
}

/** Jobs a second, on two cores. */
const fullRate = 1000;

/** To start, drain, scan and judge. */
const besideLoad = 18;

/** By what the runs before took. */
function secondsLeft(costs: readonly number[], ended: number, gone: number): number {
  const sum = (some: readonly number[]): number => some.reduce((soFar, cost) => soFar + cost, 0);
  const pace = ended === 0 ? 1 : gone / sum(costs.slice(0, ended));
  return sum(costs.slice(ended)) * pace;
}

function announce({ scenarios, suspects, seed, parallel }: ProofRequest, costs: readonly number[]): void {
  console.log(
    styleText(
      "bold",
      `${plural(scenarios.length, "scenario")} on ${systems.join(" and ")}, ${plural(suspects.length, "mutant")}, seed ${seed}`,
    ),
  );
  console.log(
    styleText("dim", `${costs.length} runs, ${parallel} at once: about ${clock(secondsLeft(costs, 0, 0) * 1000)}`),
  );
}

function saidOf({ verdict, outcome, why, seconds }: ProofRow): string {
  const colour = verdict === "pass" ? "green" : verdict === "fail" ? "red" : "yellow";
  const took = seconds === undefined ? "" : styleText("dim", ` (${clock(seconds * 1000)})`);
  return `${styleText(colour, why === "" ? outcome : `${outcome}: ${why}`)}${took}`;
}

function summary(known: Proof): string {
  const { clean, mutants } = proofTables(known);
  return [
    "",
    ...aligned([proofHeads.clean, ...clean]),
    "",
    ...aligned([proofHeads.mutants, ...mutants]),
    "",
    styleText("bold", `${known.verdict}: ${proofSentences[known.verdict]}`),
  ].join("\n");
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 1) return [];
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)) + 2);
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("")
      .trimEnd(),
  );
}
