/** What holds for every measure, whoever wrote it. */
import { describe, expect, test } from "vitest";
import { history } from "../test/history.ts";
import type { Measure, Measured } from "./contract.ts";
import { measures } from "./index.ts";

const all: Readonly<Record<string, Measure>> = measures;

const units = { distribution: ["ms"], series: ["ms", "jobs/s", "jobs", "processes"], "per-incident": ["ms"] };

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

function check(measured: Measured): void {
  expect(units[measured.kind]).toContain(measured.unit);
  expect(JSON.parse(JSON.stringify(measured))).toMatchObject(
    measured.kind === "series" ? { at: [...measured.at] } : { kind: measured.kind },
  );
  if (measured.kind !== "series") return;
  for (const line of Object.values(measured.lines)) {
    expect(line).toHaveLength(measured.at.length);
    for (const value of line) expect(value ?? 0).toBeGreaterThanOrEqual(0);
  }
}

describe.each(Object.entries(all))("%s", (name, { about, measure }) => {
  test("is named in words and says in sentences what it measures", () => {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(about).toMatch(/^[A-Z].{30,}\.$/);
  });

  test("measures a run in which nothing happened", () => {
    check(measure(history({ jobs: 0 }).ledger()));
    check(measure(history({ jobs: 3 }).ledger()));
  });

  test("measures an eventful run, twice the same", () => {
    const ledger = eventful().ledger();
    const measured = measure(ledger);
    check(measured);
    expect(measure(ledger)).toEqual(measured);
  });
});
