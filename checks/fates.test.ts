/** One lost job is one red line: of all checks, just the owner of its fate turns red. */
import { expect, test } from "vitest";
import { fates, fatesOf, type Fate } from "../history/fates.ts";
import { alwaysFails } from "../history/record.ts";
import { history, type History } from "../history/testing/history.ts";
import type { Check } from "./contract.ts";
import { checks, type GuaranteeName } from "./index.ts";

/** What happens to job 1, while job 0 goes well. */
interface Story {
  readonly fate: Fate;
  readonly what: string;
  readonly red: readonly GuaranteeName[];
  readonly tellsSettlements?: boolean;
  readonly script: (
    run: History,
    by: { readonly producer: ReturnType<History["process"]>; readonly worker: ReturnType<History["process"]> },
  ) => void;
}

const stories: readonly Story[] = [
  {
    fate: "done",
    what: "ended and was settled",
    red: [],
    script: (run, { producer, worker }) => void run.clean([1], producer, worker),
  },
  {
    fate: "done",
    what: "ended, where settlements are not told",
    red: [],
    tellsSettlements: false,
    script: (run, { producer, worker }) => void run.clean([1], producer, worker),
  },
  {
    fate: "done",
    what: "was never acknowledged, and done",
    red: [],
    script: (_, { producer, worker }) => {
      producer.send(1).unknown(1);
      worker.start(1).end(1).accepted(1);
    },
  },
  {
    fate: "dead",
    what: "failed twice and is dead",
    red: [],
    script: (run, { producer, worker }) => {
      producer.send(1, { plannedFailures: alwaysFails }).ok(1);
      worker.start(1).failed(1).start(1, { attempt: 2 }).failed(1, { attempt: 2 }).accepted(1, { as: "dead" });
      run.place(1, "dead");
    },
  },
  {
    fate: "done",
    what: "ended in a worker that was asked to stop, and that went before it heard of its settlement",
    red: [],
    script: (run, { producer, worker }) => {
      producer.send(1).ok(1);
      worker.start(1);
      run.fault("restart", { effect: "asked-to-stop", touches: ["worker:0"] }).armed();
      worker.end(1).closed();
    },
  },
  {
    fate: "vanished",
    what: "ended in a worker that stayed, and that heard nothing of a settlement",
    red: ["no-acked-loss"],
    script: (_, { producer, worker }) => {
      producer.send(1).ok(1);
      worker.start(1).end(1);
    },
  },
  {
    fate: "held",
    what: "was never started",
    red: ["drained"],
    script: (run, { producer }) => void (producer.send(1).ok(1), run.place(1, "waiting")),
  },
  {
    fate: "held",
    what: "stays in the hands of a killed worker",
    red: ["drained"],
    script: (run, { producer, worker }) => {
      producer.send(1).ok(1);
      worker.start(1).killed();
      run.place(1, "active");
    },
  },
  {
    fate: "held",
    what: "ended, and is still there, where settlements are not told",
    red: ["drained"],
    tellsSettlements: false,
    script: (run, { producer, worker }) => void run.clean([1], producer, worker).place(1, "active"),
  },
  {
    fate: "vanished",
    what: "was never started, and is nowhere",
    red: ["no-acked-loss"],
    script: (_, { producer }) => void producer.send(1).ok(1),
  },
  {
    fate: "vanished",
    what: "was lost with its worker",
    red: ["no-acked-loss"],
    script: (_, { producer, worker }) => {
      producer.send(1).ok(1);
      worker.start(1).killed();
    },
  },
  {
    fate: "vanished",
    what: "failed for the last time, and never came to the dead",
    red: ["no-acked-loss"],
    script: (_, { producer, worker }) => {
      producer.send(1, { plannedFailures: alwaysFails }).ok(1);
      worker.start(1).failed(1).start(1, { attempt: 2 }).failed(1, { attempt: 2 }).accepted(1, { as: "dead" });
    },
  },
  {
    fate: "settledWithoutRun",
    what: "was settled before its run, which a kill ended",
    red: ["at-least-once"],
    script: (_, { producer, worker }) => {
      producer.send(1).ok(1);
      worker.accepted(1).start(1).killed();
    },
  },
  {
    fate: "settledWithoutRun",
    what: "failed for the last time and was settled as done",
    red: ["at-least-once"],
    script: (_, { producer, worker }) => {
      producer.send(1, { plannedFailures: alwaysFails }).ok(1);
      worker.start(1).failed(1).start(1, { attempt: 2 }).failed(1, { attempt: 2 }).accepted(1);
    },
  },
  {
    fate: "dead",
    what: "is dead without having been tried",
    red: ["at-least-once"],
    script: (run, { producer }) => void (producer.send(1).ok(1), run.place(1, "dead")),
  },
  {
    fate: "dead",
    what: "is dead, and waits as well",
    red: ["drained"],
    script: (run, { producer, worker }) => {
      producer.send(1, { plannedFailures: alwaysFails }).ok(1);
      worker.start(1).failed(1).start(1, { attempt: 2 }).failed(1, { attempt: 2 }).accepted(1, { as: "dead" });
      run.place(1, "dead").place(1, "waiting");
    },
  },
  {
    fate: "changed",
    what: "was handed over with another text, and nothing else",
    red: ["no-phantom"],
    script: (_, { producer, worker }) => {
      producer.send(1).ok(1);
      worker.corrupt(1);
    },
  },
  {
    fate: "changed",
    what: "failed for good, and is dead with another text",
    red: ["no-phantom"],
    script: (run, { producer, worker }) => {
      producer.send(1, { plannedFailures: alwaysFails }).ok(1);
      worker.start(1).failed(1).start(1, { attempt: 2 }).failed(1, { attempt: 2 });
      run.corruptInScan(1);
    },
  },
  {
    fate: "done",
    what: "was handed over with another text at first, and was done",
    red: ["no-phantom"],
    script: (_, { producer, worker }) => {
      producer.send(1).ok(1);
      worker.corrupt(1).start(1).end(1).accepted(1);
    },
  },
  {
    fate: "vanished",
    what: "vanished while a text was met that belongs to no job",
    red: ["no-acked-loss", "no-phantom"],
    script: (_, { producer, worker }) => {
      producer.send(1).ok(1);
      worker.corrupt();
    },
  },
  { fate: "none", what: "was refused", red: [], script: (_, { producer }) => void producer.send(1).refused(1) },
  {
    fate: "none",
    what: "was not answered, and never seen",
    red: [],
    script: (_, { producer }) => void producer.send(1).unknown(1),
  },
  {
    fate: "none",
    what: "was refused and runs",
    red: ["no-phantom"],
    script: (_, { producer, worker }) => {
      producer.send(1).refused(1);
      worker.start(1).end(1).accepted(1);
    },
  },
];

test.each(stories)("$fate: a job that $what turns red: $red", ({ fate, red, script, tellsSettlements = true }) => {
  const run = history({ jobs: 2, attempts: 2, tellsSettlements });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0], producer, worker);
  script(run, { producer, worker });
  const ledger = run.ledger();
  expect(fatesOf(ledger).of[1]).toBe(fates[fate]);
  const guarantees: Readonly<Record<string, Check>> = checks;
  const failing = Object.entries(guarantees).filter(
    ([, { check, neutral }]) => check(ledger, neutral).verdict === "fail",
  );
  expect(failing.map(([name]) => name)).toEqual(red);
});

test("is a partition: the fates add up to all jobs", () => {
  const run = history({ jobs: 8, attempts: 2 });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  run.clean([0, 1, 2], producer, worker);
  producer.send(3).ok(3).send(4).refused(4).send(5).ok(5);
  worker.accepted(5);
  run.place(3, "delayed");
  const { of, counts } = fatesOf(run.ledger());
  expect(counts).toEqual({ done: 3, held: 1, none: 3, settledWithoutRun: 1, dead: 0, vanished: 0, changed: 0 });
  expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(of.length);
});
