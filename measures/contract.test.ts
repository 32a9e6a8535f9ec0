/** What holds for every measure, whoever wrote it. */
import { describe, expect, test } from "vitest";
import { history } from "../history/testing/history.ts";
import type { Measure, Measured } from "./contract.ts";
import { measures } from "./index.ts";

const all: Readonly<Record<string, Measure>> = measures;

const units = { distribution: ["ms"], series: ["ms", "jobs/s", "jobs", "processes", "%"], "per-incident": ["ms"] };

/** Two good jobs, one that a kill repeats, one dead, one lost. */
function eventful() {
  const run = history({ jobs: 5, attempts: 1 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  const other = run.process("worker", { slot: 1 });
  run.clean([0, 1], producer, worker);
  producer.send(2).ok(2).send(3).ok(3).send(4).unknown(4);
  worker.start(2);
  run.fault("kill", { effect: "killed", touches: ["worker:0"] }).armed();
  worker.killed();
  other.at(4_000).start(2).end(2).accepted(2).start(3).failed(3).accepted(3, { as: "dead" });
  return run.place(3, "dead");
}

/** What a reader of the result could not make sense of. */
function flaws(measured: Measured): readonly string[] {
  const told: string[] = [];
  if (!units[measured.kind].includes(measured.unit)) told.push(`${measured.kind} in ${measured.unit}`);
  if (/:(null|NaN|-\d)/.test(JSON.stringify(measured.kind === "distribution" ? measured : {})))
    told.push("a number that is none");
  if (measured.kind !== "series") return told;
  for (const [name, line] of Object.entries(measured.lines)) {
    if (line.length !== measured.at.length) told.push(`${name} is of another length than its axis`);
    if (!line.every((value) => value === null || value >= 0)) told.push(`${name} falls below 0`);
  }
  return told;
}

describe.each(Object.entries(all))("%s", (name, { about, measure }) => {
  test("is named in words and says in sentences what it measures", () => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(about).toMatch(/^[A-Z].{30,}\.$/);
  });

  test("measures a run in which nothing happened", () => {
    expect(flaws(measure(history({ jobs: 0 }).ledger()))).toEqual([]);
    expect(flaws(measure(history({ jobs: 3 }).ledger()))).toEqual([]);
  });

  test("measures an eventful run, twice the same", () => {
    const ledger = eventful().ledger();
    const measured = measure(ledger);
    expect(flaws(measured)).toEqual([]);
    expect(measure(ledger)).toEqual(measured);
  });
});
