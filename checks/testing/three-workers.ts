/** Three workers and one job, for the tests of who has to go on with it. */
import type { RunFacts } from "../../history/ledger.ts";
import { history, type History, type ScriptedProcess } from "../../history/testing/history.ts";

export interface Fleet {
  readonly run: History;
  readonly producer: ScriptedProcess;
  readonly first: ScriptedProcess;
  readonly second: ScriptedProcess;
  readonly third: ScriptedProcess;
}

/** Job 0 is sent and acknowledged, and started by the first of three workers. */
export function fleet(facts: Partial<RunFacts> = {}): Fleet {
  const run = history({ jobs: 2, ...facts });
  const producer = run.process("producer").send(0).ok(0);
  const [first, second, third] = [0, 1, 2].map((slot) => run.process("worker", { slot }));
  if (first === undefined || second === undefined || third === undefined) throw new Error("three workers");
  first.start(0);
  return { run, producer, first, second, third };
}

export const finish = (worker: ScriptedProcess): void => void worker.start(0).end(0).accepted(0);
