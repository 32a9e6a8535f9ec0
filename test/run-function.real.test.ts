/** A run that a test calls, as a user's would: on real servers, with the names of the catalogues in force. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJournal } from "../history/journal-file.ts";
import { builtin, UserError, type Load } from "../index.ts";
import { compare, run } from "../run.ts";
import { eventually } from "../std/deadline.ts";
import { root } from "../rules/tree.ts";
import { temporaryRuns } from "../cli/testing/whitewater.ts";

const timeout = 600_000;

test(
  "it resolves to what was found, with the settings that were given, and the report is there",
  { timeout },
  async () => {
    using runs = temporaryRuns();
    const result = await run({
      scenario: "smoke",
      settings: { leaseMs: 3000 },
      seed: "called",
      jobs: 300,
      seconds: 3,
      runs: runs.path,
    });
    expect([result.verdict, result.reasons]).toEqual(["pass", []]);
    expect(result.run).toMatchObject({ seed: "called", system: { name: "stream", settings: { leaseMs: 3000 } } });
    expect(result.run.repeat).toBe(
      "whitewater run smoke --system stream --seed called --jobs 300 --seconds 3 --set leaseMs=3000",
    );
    expect(existsSync(join(result.run.directory, "report.html"))).toBe(true);
  },
);

test("names are those of the configuration, for the compiler too", async () => {
  using runs = temporaryRuns();
  const tiny: { readonly about: string; readonly load: Load } = {
    about: "Hardly anything.",
    load: { ...builtin.scenarios.smoke.load, jobs: 10, seconds: 1 },
  };
  const own = builtin.extend({
    scenarios: { tiny: { ...tiny, store: "memory", trouble: [], exercises: [] } },
    systems: { orders: builtin.systems.stream },
  });
  const config = join(runs.path, "own.mjs");
  writeFileSync(
    config,
    `import { builtin } from ${JSON.stringify(join(root, "index.ts"))};\nexport default builtin.extend({ systems: { orders: builtin.systems.stream } });\n`,
  );
  const asked = run<typeof own>({ scenario: "tiny", system: "orders", config, runs: runs.path });
  await expect(asked).rejects.toThrow(/no scenario is called "tiny"; there are: day, /);
  // @ts-expect-error -- no scenario has that name
  await expect(run({ scenario: "smok", runs: runs.path })).rejects.toThrow(UserError);
  // @ts-expect-error -- nor that system
  await expect(run<typeof own>({ scenario: "tiny", system: "order", runs: runs.path })).rejects.toThrow(UserError);
  await expect(run({ scenario: "smoke", settings: { lease: 1 }, runs: runs.path })).rejects.toThrow(/--set lease=1/);
});

test("a signal ends it as Ctrl-C does: what was recorded is judged", { timeout }, async () => {
  using runs = temporaryRuns();
  const stop = new AbortController();
  const running = run({ scenario: "smoke", jobs: 3000, seconds: 60, runs: runs.path, signal: stop.signal });
  const isUnderLoad = (): boolean => {
    const journal = join(runs.path, readdirSync(runs.path)[0] ?? "", "journal.jsonl");
    return existsSync(journal) && readJournal(journal).some((line) => line.type === "phase" && line.phase === "load");
  };
  await eventually(isUnderLoad, { deadlineMs: timeout, awaited: "the run to be under load" });
  stop.abort(new Error("enough"));
  const { verdict, reasons } = await running;
  expect(verdict).toBe("unknown");
  expect(reasons.join(" ")).toContain("enough");
});

test("a comparison that a test calls has the load of a scenario, and leaves its page", { timeout }, async () => {
  using runs = temporaryRuns();
  const comparison = await compare({
    configurations: ["stream", "stream"],
    load: "smoke",
    workers: 2,
    settings: { leaseMs: 3000 },
    scenario: "none",
    rounds: 1,
    jobs: 200,
    seconds: 10,
    runs: runs.path,
  });
  const { concurrency, work } = builtin.scenarios.smoke.load;
  expect(comparison.method.load).toMatchObject({
    workers: 2,
    concurrency: String(concurrency),
    runMs: work.durationMs,
    failing: work.failing + work.alwaysFailing,
  });
  expect(comparison.configurations.map(({ promises }) => promises.broken)).toEqual([[], []]);
  expect(comparison.configurations[0]?.settings).toMatchObject({ leaseMs: 3000 });
  expect(comparison.configurations.every(({ figures }) => (figures.jobsPerSecond ?? 0) > 0)).toBe(true);
  expect(existsSync(join(comparison.directory, "compare.html"))).toBe(true);
});
