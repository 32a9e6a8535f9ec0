/**
 * A story of one bug in a queue, and the checks that turn red over it: to show that it is the right one, and only that.
 */
import type { Check } from "../contract.ts";
import { checks, type GuaranteeName } from "../index.ts";
import { history, type History, type ScriptedProcess } from "../../history/testing/history.ts";

/** Job 1 was sent and acknowledged; the workers wait in slots 0 to 2. */
export interface Cast {
  readonly run: History;
  readonly producer: ScriptedProcess;
  readonly first: ScriptedProcess;
  readonly second: ScriptedProcess;
  readonly third: ScriptedProcess;
}

/** What happens to job 1, of three attempts, while job 0 goes well. */
export interface Story {
  readonly bug: string;
  readonly red: readonly GuaranteeName[];
  readonly script: (cast: Cast) => void;
}

/** All guarantees that fail over it by their neutral terms, in the order of the catalogue. */
export function redOver({ script }: Story): readonly string[] {
  const run = history({ jobs: 2 });
  const [producer, first] = [run.process("producer"), run.process("worker")];
  const [second, third] = [run.process("worker", { slot: 1 }), run.process("worker", { slot: 2 })];
  run.clean([0], producer, first);
  producer.send(1).ok(1);
  script({ run, producer, first, second, third });
  const ledger = run.ledger();
  const guarantees: Readonly<Record<string, Check>> = checks;
  return Object.entries(guarantees).flatMap(([name, { check, neutral }]) =>
    check(ledger, neutral).verdict === "fail" ? [name] : [],
  );
}
