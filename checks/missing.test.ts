/** What a lost file could explain is unknown, check by check; what no lost file can explain stays a violation beside any damage. */
import { expect, test } from "vitest";
import { buildLedger } from "../history/ledger-builder.ts";
import type { JournalLine } from "../history/journal.ts";
import type { RunFacts } from "../history/ledger.ts";
import { alwaysFails, killsItsWorker } from "../history/record.ts";
import { history, type History, type ScriptedProcess } from "../test/history.ts";
import type { Check } from "./contract.ts";
import { checks, type GuaranteeName } from "./index.ts";

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

interface Story {
  readonly check: GuaranteeName;
  readonly what: string;
  readonly lost: Lost;
  readonly facts?: Partial<RunFacts>;
  readonly terms?: unknown;
  /** Where another check owns it while nothing is missing. */
  readonly whole?: "pass";
  happen(scene: Scene): unknown;
}

function verdicts({ check: name, facts, terms, happen, lost }: Story) {
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

const paused = ({ run }: Scene, slot: number, from: number, to: number): void => {
  const fault = run.at(from).fault("pause", { effect: "paused", touches: [`worker:${slot}`] });
  fault.armed();
  run.at(to);
  fault.bit().healed();
};

const explained: readonly Story[] = [
  {
    check: "no-acked-loss",
    what: "its end",
    lost: "first",
    happen: ({ run, producer, first }) => run.clean([0], producer, first),
  },
  {
    check: "no-acked-loss",
    what: "where the scan found it",
    lost: "harness",
    happen: ({ run, producer }) => (producer.send(0).ok(0), run.place(0, "waiting")),
  },
  {
    check: "no-phantom",
    what: "that it was sent",
    lost: "producer",
    happen: ({ run, producer, first }) => run.clean([0], producer, first),
  },
  {
    check: "no-phantom",
    what: "that it was sent once more, after it had been refused",
    lost: "other",
    happen({ producer, other, first }) {
      producer.send(0).refused(0);
      other.send(0);
      first.start(0).end(0).accepted(0);
    },
  },
  {
    check: "at-least-once",
    what: "its runs",
    lost: "first",
    happen({ run, producer, first }) {
      producer.send(0, { plannedFailures: alwaysFails }).ok(0);
      for (const attempt of [1, 2, 3])
        first
          .at(run.now() + 5000)
          .start(0, { attempt })
          .failed(0, { attempt });
      run.place(0, "dead");
    },
  },
  {
    check: "attempts-exact",
    what: "the failure before",
    lost: "first",
    happen({ producer, first, second }) {
      producer.send(0, { plannedFailures: 1 }).ok(0);
      first.start(0).failed(0);
      second.at(5000).start(0, { attempt: 2 }).end(0, { attempt: 2 }).accepted(0, { attempt: 2 });
    },
  },
  {
    check: "attempts-exact",
    what: "that its script is to kill",
    lost: "producer",
    happen({ producer, first, second }) {
      producer.send(0, { plannedFailures: killsItsWorker }).ok(0);
      first.start(0).killed();
      second.at(9000).start(0, { attempt: 4 }).killed();
    },
    terms: { crashes: "free" },
  },
  {
    check: "retry-not-early",
    what: "that it had failed sooner",
    lost: "first",
    happen(scene) {
      const { run, producer, first, second, third } = scene;
      run.storeClock(-1000, 60_000);
      producer.send(0, { plannedFailures: 1 }).ok(0);
      first.at(1000).start(0).at(9000).failed(0);
      paused(scene, 0, 1500, 8900);
      second.at(8000).start(0).at(9950).failed(0);
      third.at(10_100).start(0, { attempt: 2 }).end(0, { attempt: 2 }).accepted(0, { attempt: 2 });
    },
  },
  {
    check: "delayed-not-early",
    what: "that it had been sent sooner",
    lost: "producer",
    happen({ run, producer, other, first }) {
      run.storeClock(-1000, 60_000);
      producer.at(0).send(0, { delayMs: 500 });
      other.at(400).send(0, { delayMs: 500 }).ok(0);
      first.at(600).start(0).end(0).accepted(0);
    },
  },
  {
    check: "dead-letter-exactly-once",
    what: "its second verdict",
    lost: "second",
    happen({ run, producer, first, second }) {
      producer.send(0, { plannedFailures: alwaysFails }).ok(0);
      for (const by of [first, second]) {
        for (const attempt of [1, 2, 3])
          by.at(run.now() + 5000)
            .start(0, { attempt })
            .failed(0, { attempt });
        by.accepted(0, { attempt: 3, as: "dead" });
        run.place(0, "dead");
      }
    },
  },
  {
    check: "dead-letter-exactly-once",
    what: "that its script is to kill",
    lost: "producer",
    happen({ run, producer, first, second }) {
      producer.send(0, { plannedFailures: killsItsWorker });
      first.start(0).killed();
      second.accepted(0, { as: "dead" });
      run.place(0, "dead");
    },
  },
  {
    check: "poison-isolated",
    what: "that another one of its kind was in the same process",
    lost: "other",
    facts: { jobs: 2 },
    terms: { deliveries: 1 },
    happen({ run, producer, other, first }) {
      producer.send(0, { plannedFailures: killsItsWorker }).ok(0);
      other.send(1, { plannedFailures: killsItsWorker }).ok(1);
      first.start(0).start(1).killed();
      run.process("worker", { slot: 4 }).at(9000).start(0).start(1).killed();
    },
  },
  {
    check: "poison-isolated",
    what: "a run of it",
    lost: "first",
    terms: { deliveries: 2 },
    happen({ run, producer, first, second }) {
      producer.send(0, { plannedFailures: killsItsWorker }).ok(0);
      first.start(0).killed();
      second.at(9000).start(0).killed();
      run.place(0, "dead");
    },
  },
  {
    check: "graceful-stop",
    what: "that it went in good order",
    lost: "first",
    happen({ run, first }) {
      run
        .fault("restart", { effect: "asked-to-stop", touches: ["worker:0"] })
        .armed()
        .bit()
        .healed();
      first.at(500).closed();
    },
  },
  {
    check: "metrics-truthful",
    what: "what was sent",
    lost: "producer",
    happen({ run, producer, first }) {
      producer.send(0).ok(0);
      run.depth(1);
      first.start(0).end(0).accepted(0);
    },
  },
];

test.each(explained)("$check: $what, lost with $lost, may be what explains it", (story) => {
  const { whole, damaged } = verdicts(story);
  expect(whole.verdict).not.toBe("fail");
  expect(damaged).toMatchObject({ verdict: "unknown", reason: expect.stringMatching(/missing/) });
});

const unexplained: readonly Story[] = [
  {
    check: "no-phantom",
    what: "a corrupt delivery",
    lost: "journal",
    happen: ({ run, producer, first }) => (run.clean([0], producer, first), first.corrupt()),
  },
  {
    check: "no-acked-loss",
    what: "a job that vanished",
    lost: "other",
    happen: ({ producer }) => producer.send(0).ok(0),
  },
  {
    check: "at-least-once",
    what: "a settlement without a run",
    lost: "harness",
    happen: ({ producer, first }) => (producer.send(0).ok(0), first.accepted(0)),
  },
  {
    check: "one-verdict",
    what: "two verdicts",
    lost: "third",
    happen({ run, producer, first, second }) {
      run.clean([0], producer, first);
      second.start(0).end(0).accepted(0);
    },
  },
  {
    check: "fenced",
    what: "a settlement by a stale owner",
    lost: "harness",
    happen(scene) {
      const { producer, first, second } = scene;
      producer.send(0).ok(0);
      first.start(0);
      paused(scene, 0, 100, 7000);
      second.at(6000).start(0).end(0).settlementRefused(0);
      first.at(7100).end(0).accepted(0);
    },
  },
  {
    check: "attempts-exact",
    what: "an attempt that was skipped",
    lost: "other",
    happen({ producer, first }) {
      producer.send(0, { plannedFailures: 1 }).ok(0);
      first.start(0).failed(0).at(5000).start(0, { attempt: 3 });
    },
  },
  {
    check: "retry-not-early",
    what: "a retry that came early",
    lost: "producer",
    happen({ run, producer, first }) {
      run.storeClock(-1000, 60_000);
      producer.send(0, { plannedFailures: 1 }).ok(0);
      first.start(0).failed(0).start(0, { attempt: 2 });
    },
  },
  {
    check: "delayed-not-early",
    what: "a start before its delay was over",
    lost: "second",
    happen({ run, producer, first }) {
      run.storeClock(-1000, 60_000);
      producer.send(0, { delayMs: 500 }).ok(0);
      first.start(0);
    },
  },
  {
    check: "dead-letter-exactly-once",
    what: "a job that is dead twice",
    lost: "other",
    happen({ run, producer, first }) {
      producer.send(0, { plannedFailures: alwaysFails }).ok(0);
      for (const attempt of [1, 2, 3])
        first
          .at(run.now() + 5000)
          .start(0, { attempt })
          .failed(0, { attempt });
      first.accepted(0, { attempt: 3, as: "dead" });
      run.place(0, "dead").place(0, "dead");
    },
  },
  {
    check: "dead-letter-complete",
    what: "a dead letter without its fields",
    lost: "first",
    happen({ run, producer, first }) {
      producer.send(0).ok(0);
      first.start(0).failed(0);
      run.place(0, "dead", { fields: 1 });
    },
    terms: { fields: ["worker"] },
  },
  {
    check: "poison-isolated",
    what: "a job that took too many workers along",
    lost: "harness",
    terms: { deliveries: 1 },
    happen({ producer, first, second }) {
      producer.send(0, { plannedFailures: killsItsWorker }).ok(0);
      first.start(0).killed();
      second.at(9000).start(0).killed();
    },
  },
  {
    check: "graceful-stop",
    what: "a worker that took too long",
    lost: "second",
    happen({ run, first }) {
      run
        .fault("restart", { effect: "asked-to-stop", touches: ["worker:0"] })
        .armed()
        .bit()
        .healed();
      first.at(50_000).closed();
    },
  },
  {
    check: "drained",
    what: "a job that was left lying",
    lost: "third",
    facts: { jobs: 2 },
    happen({ run, producer, first }) {
      producer.send(0).ok(0).at(2_000).send(1).ok(1);
      first.start(1).end(1).accepted(1);
      run.place(0, "waiting");
    },
  },
  {
    check: "drained",
    what: "a job that was caught and is still there",
    lost: "second",
    facts: { claims: { "recovery-bound": { boundMs: 10_000 } } },
    happen({ run, producer, first }) {
      producer.send(0).ok(0);
      first.start(0).killed();
      run.place(0, "active");
    },
    whole: "pass",
  },
];

test.each(unexplained)(
  "$check: $what is a violation, although $lost is lost",
  ({ whole: wholly = "fail", ...story }) => {
    const { whole, damaged } = verdicts(story);
    expect([whole.verdict, damaged.verdict]).toEqual([wholly, "fail"]);
  },
);
