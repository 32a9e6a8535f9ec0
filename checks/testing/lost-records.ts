/** What happened in a small run, and what a check says of it with the whole record and without a part of it. */
import type { Check } from "../contract.ts";
import { checks, type GuaranteeName } from "../index.ts";
import { buildLedger } from "../../history/ledger-builder.ts";
import type { JournalLine } from "../../history/journal.ts";
import type { RunFacts } from "../../history/ledger.ts";
import { history, type History, type ScriptedProcess } from "../../history/testing/history.ts";

const guarantees: Readonly<Record<string, Check>> = checks;

interface Scene {
  readonly run: History;
  readonly producer: ScriptedProcess;
  readonly other: ScriptedProcess;
  readonly first: ScriptedProcess;
  readonly second: ScriptedProcess;
  readonly third: ScriptedProcess;
}

type Lost = keyof Omit<Scene, "run"> | "harness" | "journal";

export interface Story {
  readonly check: GuaranteeName;
  readonly what: string;
  readonly lost: Lost;
  readonly facts?: Partial<RunFacts>;
  readonly terms?: unknown;
  /** Where another check owns it while nothing is missing. */
  readonly whole?: "pass";
  happen(scene: Scene): unknown;
}

export function verdicts({ check: name, facts, terms, happen, lost }: Story) {
  const run = history({ attempts: 3, backoffMs: 1000, ...facts });
  const scene: Scene = {
    run,
    producer: run.process("producer"),
    other: run.process("producer", { slot: 1 }),
    first: run.process("worker"),
    second: run.process("worker", { slot: 1 }),
    third: run.process("worker", { slot: 2 }),
  };
  happen(scene);
  run.at(60_000);
  const check = guarantees[name];
  if (check === undefined) throw new Error(`there is no check ${name}`);
  const gone = lost === "harness" ? 0 : lost === "journal" ? -1 : scene[lost].incarnation;
  const journal: readonly JournalLine[] = lost === "journal" ? [] : run.journal();
  const sources = run.sources().filter(({ incarnation }) => incarnation !== gone);
  return {
    whole: check.check(run.ledger(), terms ?? check.neutral),
    damaged: check.check(buildLedger(run.ledger().run, journal, sources), terms ?? check.neutral),
  };
}

export const paused = ({ run }: Scene, slot: number, from: number, to: number): void => {
  const fault = run.at(from).fault("pause", { effect: "paused", touches: [`worker:${slot}`] });
  fault.armed();
  run.at(to);
  fault.bit().healed();
};
