import { expect, test } from "vitest";
import { history, type History, type ScriptedProcess } from "../history/testing/history.ts";
import { workersSurvive } from "./workers-survive.ts";

const judge = (run: History) => workersSurvive.check(run.ledger(), { boundMs: 5_000 });

/**
 * Two workers for 60 s, each with a job each 100 ms; the first is cut off from 10 s to 12 s, and starts what it may.
 */
function cutOff(takes: (ms: number) => boolean, lastMs = 60_000): History {
  const jobs = lastMs / 50;
  const run = history({ jobs });
  const producer = run.process("producer");
  const [first, second] = [run.process("worker"), run.process("worker", { slot: 1 })];
  for (let job = 0; job < jobs; job++) {
    const ms = job * 50;
    producer.at(ms).send(job).ok(job);
    const own: ScriptedProcess = job % 2 === 0 && takes(ms) ? first : second;
    own.start(job).end(job).accepted(job);
  }
  const cut = run
    .at(10_000)
    .fault("cut", { effect: "cut-off", touches: ["link:worker:0"] })
    .armed();
  run.at(12_000);
  cut.bit().healed();
  return run.at(lastMs).phase("heal");
}

test("passes when each takes jobs again, exposed to each return", () => {
  expect(judge(cutOff((ms) => ms < 10_000 || ms > 16_000))).toMatchObject({ verdict: "pass", exposed: 1 });
});

test("fails when one never does, though the others have their hands full", () => {
  expect(judge(cutOff((ms) => ms < 10_000))).toMatchObject({
    verdict: "fail",
    counts: { tookNoMore: 1 },
    examples: [{ what: expect.stringMatching(/Worker process 2 started nothing for 48\.0 s after cut-1/) }],
  });
});

test("says nothing where there was too little time, or too little to do", () => {
  expect(judge(cutOff((ms) => ms < 10_000, 16_000))).toMatchObject({ verdict: "pass", exposed: 0 });
});

test("a process that ends by itself is named with its last words; one that a fault ends is not", () => {
  const run = history();
  const worker = run.process("worker");
  run.at(1_000);
  worker.crashed();
  expect(judge(run)).toMatchObject({
    verdict: "fail",
    counts: { endedByItself: 1 },
    examples: [{ what: expect.stringMatching(/^Worker process 1 ended by itself at 1\.0 s/) }],
  });
  const killed = history();
  const victim = killed.process("worker");
  const kill = killed
    .at(1_000)
    .fault("kill", { effect: "killed", touches: ["worker:0"] })
    .armed();
  victim.killed();
  kill.bit().healed();
  expect(judge(killed)).toMatchObject({ verdict: "pass" });
});
