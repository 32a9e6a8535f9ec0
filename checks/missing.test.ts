/** What a lost file could explain is unknown, check by check. */
import { expect, test } from "vitest";
import { alwaysFails, killsItsWorker } from "../history/record.ts";
import { paused, verdicts, type Story } from "./testing/lost-records.ts";

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
