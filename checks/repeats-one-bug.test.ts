/**
 * One bug is one red line: of all checks, just the owner of a repeat turns red, whatever the others could say of it as
 * well.
 */
import { expect, test } from "vitest";
import { alwaysFails } from "../history/record.ts";
import { redOver, type Cast, type Story } from "./testing/one-bug.ts";

const paused = ({ run }: Cast, fromMs: number, toMs: number): void => {
  const pause = run
    .at(fromMs)
    .fault("pause", { effect: "paused", touches: ["worker:0"] })
    .armed();
  run.at(toMs);
  pause.bit().healed();
};

const stories: readonly Story[] = [
  {
    bug: "a paused owner's job is taken over, and its late word refused: none",
    red: [],
    script: (cast) => {
      cast.first.start(1);
      paused(cast, 1_000, 11_000);
      cast.second.at(7_000).start(1).end(1).accepted(1);
      cast.first.at(11_100).end(1).settlementRefused(1);
    },
  },
  {
    bug: "the late word of a paused owner is accepted while the new owner is at work",
    red: ["fenced"],
    script: (cast) => {
      cast.first.start(1);
      paused(cast, 1_000, 11_000);
      cast.second.at(7_000).start(1);
      cast.first.at(11_100).end(1).accepted(1);
      cast.second.at(12_000).end(1).settlementRefused(1);
    },
  },
  {
    bug: "two copies, one of them on a slow link and the other lost: nobody's word was stale",
    red: ["one-verdict"],
    script: ({ run, first, second, third }) => {
      first.start(1);
      const slow = run
        .at(1_000)
        .fault("slow-link", { effect: "slow", touches: ["link:worker:0"] })
        .armed();
      second.at(2_000).start(1);
      first.at(3_000).end(1).accepted(1);
      slow.bit().healed();
      second.at(4_000).killed();
      third.at(9_500).start(1).end(1).accepted(1);
    },
  },
  {
    bug: "the same, and the new owner's word is accepted as well: it may have been two copies",
    red: ["one-verdict"],
    script: (cast) => {
      cast.first.start(1);
      paused(cast, 1_000, 11_000);
      cast.second.at(7_000).start(1);
      cast.first.at(11_100).end(1).accepted(1);
      cast.second.at(12_000).end(1).accepted(1);
    },
  },
  {
    bug: "the failure of a paused owner brings about a second chain of attempts",
    red: ["fenced"],
    script: (cast) => {
      const { producer, first, second, third } = cast;
      producer.send(1, { plannedFailures: 1 }).ok(1);
      first.start(1);
      paused(cast, 1_000, 11_000);
      second.at(10_000).start(1);
      first.at(11_100).failed(1);
      third.at(13_000).start(1, { attempt: 2 });
      second.at(14_000).failed(1);
      third.at(15_000).end(1, { attempt: 2 }).accepted(1, { attempt: 2 });
      second.at(17_000).start(1, { attempt: 2 }).end(1, { attempt: 2 }).accepted(1, { attempt: 2 });
    },
  },
  {
    bug: "the failure of a paused owner is refused, and that of the new one counts: none",
    red: [],
    script: (cast) => {
      const { producer, first, second, third } = cast;
      producer.send(1, { plannedFailures: 1 }).ok(1);
      first.start(1);
      paused(cast, 1_000, 11_000);
      second.at(10_000).start(1);
      first.at(11_100).failed(1);
      second.at(11_500).failed(1);
      third.at(13_000).start(1, { attempt: 2 }).end(1, { attempt: 2 }).accepted(1, { attempt: 2 });
    },
  },
  {
    bug: "a job is taken from a healthy owner in the middle of its run",
    red: ["no-premature-reclaim"],
    script: ({ first, second }) => {
      first.start(1);
      second.at(7_000).start(1).end(1).accepted(1);
      first.at(9_000).end(1).settlementRefused(1);
    },
  },
  {
    bug: "the same, and the first owner's word is the one that counts",
    red: ["no-premature-reclaim"],
    script: ({ first, second }) => {
      first.start(1);
      second.at(7_000).start(1);
      first.at(9_000).end(1).accepted(1);
      second.at(9_100).end(1).settlementRefused(1);
    },
  },
  {
    bug: "a job is taken from a healthy owner, which ends it in vain before the other one starts it",
    red: ["no-premature-reclaim"],
    script: ({ first, second }) => {
      first.start(1).end(1);
      second.start(1);
      first.settlementRefused(1);
      second.end(1).accepted(1);
    },
  },
  {
    bug: "a job is taken from a healthy owner, which fails in vain before the other one starts it",
    red: ["no-premature-reclaim"],
    script: ({ producer, first, second }) => {
      producer.send(1, { plannedFailures: 1 }).ok(1);
      first.at(1_000).start(1).failed(1);
      second.at(1_200).start(1).failed(1).at(3_000);
      second.start(1, { attempt: 2 }).end(1, { attempt: 2 }).accepted(1, { attempt: 2 });
    },
  },
  {
    bug: "the same under a higher number",
    red: ["no-premature-reclaim"],
    script: ({ first, second }) => {
      first.start(1);
      second.at(7_000).start(1, { attempt: 2 }).end(1, { attempt: 2 }).accepted(1, { attempt: 2 });
      first.at(9_000).end(1).settlementRefused(1);
    },
  },
  {
    bug: "an enqueue was sent twice: two copies, one after the other",
    red: ["one-verdict"],
    script: ({ first, second }) => {
      first.start(1).end(1).accepted(1);
      second.at(7_000).start(1).end(1).accepted(1);
    },
  },
  {
    bug: "an enqueue was sent twice: two copies at once",
    red: ["one-verdict"],
    script: ({ first, second }) => {
      first.start(1);
      second.start(1);
      first.end(1).accepted(1);
      second.end(1).accepted(1);
    },
  },
  {
    bug: "a retry was written, and its worker killed before the old entry was gone",
    red: ["one-verdict"],
    script: ({ producer, first, second, third }) => {
      producer.send(1, { plannedFailures: 1 }).ok(1);
      first.start(1).failed(1).at(1_000).killed();
      second.at(1_500).start(1, { attempt: 2 }).end(1, { attempt: 2 }).accepted(1, { attempt: 2 });
      third.at(8_000).start(1).failed(1);
      second.at(10_000).start(1, { attempt: 2 }).end(1, { attempt: 2 }).accepted(1, { attempt: 2 });
    },
  },
  {
    bug: "the same, of a job that always fails",
    red: ["one-verdict"],
    script: ({ run, producer, first, second, third }) => {
      producer.send(1, { plannedFailures: alwaysFails }).ok(1);
      first.start(1).failed(1).at(1_000).killed();
      for (const attempt of [2, 3])
        second
          .at(attempt * 2_000)
          .start(1, { attempt })
          .failed(1, { attempt });
      second.accepted(1, { attempt: 3, as: "dead" });
      for (const attempt of [1, 2, 3])
        third
          .at(8_000 + attempt * 2_000)
          .start(1, { attempt })
          .failed(1, { attempt });
      third.accepted(1, { attempt: 3, as: "dead" });
      run.place(1, "dead").place(1, "dead");
    },
  },
  {
    bug: "a dead letter was written, and its worker killed before the old entry was gone",
    red: ["dead-letter-exactly-once"],
    script: ({ run, producer, first, second }) => {
      producer.send(1, { plannedFailures: alwaysFails }).ok(1);
      for (const attempt of [1, 2, 3])
        first
          .at(attempt * 2_000)
          .start(1, { attempt })
          .failed(1, { attempt });
      first.killed();
      second.at(14_000).start(1, { attempt: 3 }).failed(1, { attempt: 3 }).accepted(1, { attempt: 3, as: "dead" });
      run.place(1, "dead").place(1, "dead");
    },
  },
  {
    bug: "a job that had ended, but was not settled, is started again for nothing",
    red: ["duplicates-explained"],
    script: ({ first, second }) => {
      first.start(1).end(1);
      second.at(7_000).start(1).end(1).accepted(1);
    },
  },
  {
    bug: "a settled job is started again",
    red: ["duplicates-explained"],
    script: ({ first, second }) => {
      first.start(1).end(1).accepted(1);
      second.at(7_000).start(1).end(1).settlementRefused(1);
    },
  },
];

test.each(stories)("$bug turns red: $red", (story) => {
  expect(redOver(story)).toEqual(story.red);
});
