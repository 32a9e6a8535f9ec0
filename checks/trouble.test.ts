/**
 * What was complete before the run's own parts got into trouble stays a violation, check by check; what was not, does
 * not.
 */
import { expect, test } from "vitest";
import { killsItsWorker } from "../history/record.ts";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import type { Check } from "./contract.ts";
import { checks } from "./index.ts";

interface Scene {
  readonly run: History;
  readonly producer: ScriptedProcess;
  readonly first: ScriptedProcess;
  readonly second: ScriptedProcess;
}

/** Each breaks its promise for good at 5 s, at that step and no sooner. */
const broken: Readonly<Partial<Record<keyof typeof checks, (scene: Scene) => unknown>>> = {
  "one-verdict": ({ first, second, producer }) => {
    producer.send(0).ok(0);
    first.start(0).end(0).accepted(0);
    second.start(0).end(0).at(5000).accepted(0);
  },
  fenced: ({ run, first, second, producer }) => {
    producer.send(0).ok(0);
    first.start(0);
    run
      .fault("pause", { effect: "paused", touches: ["worker:0"] })
      .armed()
      .bit();
    second.at(4500).start(0);
    first.end(0).at(5000).accepted(0);
  },
  "attempts-exact": ({ first, producer }) => {
    producer.send(0).ok(0);
    first.start(0).failed(0).at(5000).start(0, { attempt: 3 }).end(0, { attempt: 3 }).accepted(0, { attempt: 3 });
  },
  "retry-not-early": ({ run, first, producer }) => {
    run.storeClock(-1000, 9000);
    producer.send(0).ok(0);
    first.start(0).at(4500).failed(0).at(5000).start(0, { attempt: 2 }).end(0, { attempt: 2 });
  },
  "delayed-not-early": ({ run, first, producer }) => {
    run.storeClock(-1000, 9000);
    producer.send(0, { delayMs: 8000 }).ok(0);
    first.at(5000).start(0).end(0).accepted(0);
  },
  "no-phantom": ({ first }) => first.at(5000).start(0).end(0),
  "at-least-once": ({ first, producer }) => {
    producer.send(0).ok(0);
    first.at(5000).accepted(0);
  },
  "graceful-stop": ({ run, first, second, producer }) => {
    producer.send(0).ok(0);
    first.start(0);
    run
      .fault("restart", { effect: "asked-to-stop", touches: ["worker:0"] })
      .armed()
      .bit()
      .healed();
    first.closed();
    second.at(5000).start(0).end(0).accepted(0);
  },
  "poison-isolated": ({ run, producer }) => {
    producer.send(0, { plannedFailures: killsItsWorker }).ok(0);
    for (const at of [1000, 2000, 3000, 5000])
      run.at(at).process("worker", { slot: 3, spawned: "now" }).at(at).start(0).killed();
  },
};

const guarantees: Readonly<Record<string, Check>> = checks;

test.each(Object.entries(broken))("%s", (name, happen) => {
  const check = guarantees[name];
  if (check === undefined) throw new Error(`there is no check ${name}`);
  const verdictWith = (wellUntilMs?: number): string => {
    const run = history();
    const second = { slot: 1 };
    happen({
      run,
      producer: run.process("producer"),
      first: run.process("worker"),
      second: run.process("worker", second),
    });
    run.at(9000);
    if (wellUntilMs !== undefined) run.trouble("store", "the store was killed", wellUntilMs);
    return check.check(run.ledger(), check.neutral).verdict;
  };
  expect(verdictWith()).toBe("fail");
  expect(verdictWith(5500)).toBe("fail");
  expect(verdictWith(4900)).toBe("unknown");
});
