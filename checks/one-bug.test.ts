/**
 * One bug is one red line: numbers, times, processes and counters. Repeats have theirs in
 * checks/repeats-one-bug.test.ts.
 */
import { expect, test } from "vitest";
import { alwaysFails, killsItsWorker } from "../history/record.ts";
import { redOver, type Story } from "./testing/one-bug.ts";

const stories: readonly Story[] = [
  {
    bug: "a failure is not counted",
    red: ["attempts-exact"],
    script: ({ producer, first }) => {
      producer.send(1, { plannedFailures: 1 }).ok(1);
      first.start(1).failed(1).at(2_000).start(1).failed(1).at(4_000);
      first.start(1, { attempt: 2 }).end(1, { attempt: 2 }).accepted(1, { attempt: 2 });
    },
  },
  {
    bug: "failures are counted in the memory of a worker that is killed",
    red: ["attempts-exact"],
    script: ({ producer, first, second }) => {
      producer.send(1, { plannedFailures: 1 }).ok(1);
      first.start(1).failed(1).at(2_000).start(1, { attempt: 2 }).at(2_500).killed();
      second.at(9_000).start(1).failed(1).at(11_000);
      second.start(1, { attempt: 2 }).end(1, { attempt: 2 }).accepted(1, { attempt: 2 });
    },
  },
  {
    bug: "a job is given up after two failures of three",
    red: ["attempts-exact"],
    script: ({ run, producer, first }) => {
      producer.send(1, { plannedFailures: alwaysFails }).ok(1);
      first.start(1).failed(1).at(2_000).start(1, { attempt: 2 }).failed(1, { attempt: 2 });
      first.accepted(1, { attempt: 2, as: "dead" });
      run.place(1, "dead");
    },
  },
  {
    bug: "a job is tried a fourth time",
    red: ["attempts-exact"],
    script: ({ run, producer, first }) => {
      producer.send(1, { plannedFailures: alwaysFails }).ok(1);
      for (const attempt of [1, 2, 3, 4])
        first
          .at(attempt * 5_000)
          .start(1, { attempt })
          .failed(1, { attempt });
      first.accepted(1, { attempt: 4, as: "dead" });
      run.place(1, "dead");
    },
  },
  {
    bug: "a retry does not wait for its backoff",
    red: ["retry-not-early"],
    script: ({ run, producer, first }) => {
      run.storeClock(0, 5_000);
      producer.send(1, { plannedFailures: 1 }).ok(1);
      first.at(1_000).start(1).failed(1).at(1_500);
      first.start(1, { attempt: 2 }).end(1, { attempt: 2 }).accepted(1, { attempt: 2 });
    },
  },
  {
    bug: "a delayed job is started at once",
    red: ["delayed-not-early"],
    script: ({ run, producer, first }) => {
      run.storeClock(0, 5_000).at(1_000);
      producer.send(1, { delayMs: 2_000 }).ok(1);
      first.start(1).end(1).accepted(1);
      run.at(6_000);
    },
  },
  {
    bug: "a worker that is asked to stop goes at once, with a job in hand",
    red: ["graceful-stop"],
    script: ({ run, first, second }) => {
      first.start(1);
      run
        .at(1_000)
        .fault("restart", { effect: "asked-to-stop", touches: ["worker:0"] })
        .armed();
      first.at(1_100).closed();
      second.at(8_000).start(1).end(1).accepted(1);
    },
  },
  {
    bug: "nothing is started for a while, though a job is due and workers are well",
    red: ["progress"],
    script: ({ first }) => void first.at(70_000).start(1).end(1).accepted(1),
  },
  {
    bug: "poison is never given up, and in the end left lying",
    red: ["poison-isolated", "drained"],
    script: ({ run, producer }) => {
      producer.send(1, { plannedFailures: killsItsWorker }).ok(1);
      for (const slot of [3, 4, 5, 6])
        run
          .at(slot * 5_000)
          .process("worker", { slot })
          .start(1)
          .killed();
      run.place(1, "active");
    },
  },
  {
    bug: "poison takes a neighbour along to the dead",
    red: ["dead-letter-exactly-once"],
    script: ({ run, first, second, third }) => {
      first.start(1).killed();
      second.at(5_000).start(1).killed();
      third.at(10_000).start(1).killed();
      run.place(1, "dead");
    },
  },
  {
    bug: "a job is settled as done while its handler runs",
    red: ["settled-after-end"],
    script: ({ first }) => void first.start(1).accepted(1).end(1),
  },
  {
    bug: "two jobs are acknowledged under one id",
    red: ["receipts-unique"],
    script: ({ producer, first }) => {
      producer.ok(0, "same").ok(1, "same");
      first.start(1).end(1).accepted(1);
    },
  },
  {
    bug: "the system says that it has more to do than was ever sent",
    red: ["metrics-truthful"],
    script: ({ run, first }) => {
      run.depth(3);
      first.start(1).end(1).accepted(1);
    },
  },
];

test.each(stories)("$bug turns red: $red", (story) => {
  expect(redOver(story)).toEqual(story.red);
});
