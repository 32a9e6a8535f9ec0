/** What no lost file can explain stays a violation beside any damage, check by check. */
import { expect, test } from "vitest";
import { alwaysFails, killsItsWorker } from "../history/record.ts";
import { paused, verdicts, type Story } from "./testing/lost-records.ts";

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
