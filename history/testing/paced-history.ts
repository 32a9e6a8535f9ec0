/** Made histories in which each job takes as long as it is said to, for what judges how fast a run was. */
import type { RunFacts } from "../ledger.ts";
import { history } from "./history.ts";

/** Jobs that are sent each second and take so long, in ms, each in the hands of one worker. */
export function taking(times: readonly number[], facts: Partial<RunFacts> = {}) {
  const run = history({ jobs: times.length, ...facts });
  const [producer, worker] = [run.process("producer"), run.process("worker")];
  for (const [job, ms] of times.entries()) {
    producer
      .at(job * 1000)
      .send(job)
      .ok(job);
    worker
      .start(job)
      .at(job * 1000 + ms)
      .end(job)
      .at(job * 1000 + ms)
      .accepted(job);
  }
  run.at(times.length * 1000);
  return { run, producer, worker };
}
export const ten = [100, 110, 120, 130, 140, 150, 160, 170, 180, 900];

/** A kill between 3.5 and 5.5 s; jobs each second take 10 ms before it, 700 ms then, and 200 ms afterwards. */
export function withFault(facts: Partial<RunFacts> = {}) {
  const { run, ...crew } = taking([10, 10, 10, 10, 700, 700, 200, 200], { scheduled: { kill: 1 }, ...facts });
  const end = run.now();
  const fault = run.at(3500).fault("kill", { effect: "paused", touches: ["worker:1"] });
  fault.armed();
  run.at(5498);
  fault.bit().healed();
  run.at(end);
  return { run, ...crew };
}
