/** A configuration for the test of the tester: faults that do not do what they say, and a scenario for each. */
import { cut } from "../chaos/faults/cut.ts";
import { workerKill } from "../chaos/faults/worker-kill.ts";
import type { ProcessLever, ProxyLever } from "../chaos/contract.ts";
import { builtin } from "../index.ts";

/** Signals to worker 0 reach worker 1. */
const astray = (lever: ProcessLever): ProcessLever => ({
  ...lever,
  signal: (identity, name) => lever.signal(lever.holder("worker:1")?.identity ?? identity, name),
});

/** What was cut stays so. */
const forgetful = (lever: ProxyLever): ProxyLever => ({ ...lever, restore: async () => {} });

type Kill = typeof workerKill;
type Cut = typeof cut;

const killAstray: Kill = {
  ...workerKill,
  plan: (options, target, random) => ({ ...workerKill.plan(options, target, random), touches: ["worker:0"] }),
  arm: (plan, levers, stop) => workerKill.arm(plan, { process: astray(levers.process) }, stop),
};

const cutForEver: Cut = {
  ...cut,
  heal: (plan, levers, stop) => cut.heal(plan, { proxy: forgetful(levers.proxy) }, stop),
};

const load = {
  curve: "steady",
  jobs: 300,
  seconds: 6,
  producers: 1,
  workers: 2,
  concurrency: 5,
  payloadBytes: 60,
  work: { durationMs: [0, 10], failing: 0, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
  retries: { attempts: 3, backoffMs: 100 },
} as const;

const broken = { store: "memory", load, exercises: [] } as const;

export default builtin.extend({
  faults: { "kill-astray": killAstray, "cut-for-ever": cutForEver },
  scenarios: {
    quiet: { ...broken, about: "A few jobs, and nothing goes wrong.", trouble: [] },
    "kill-astray": {
      ...broken,
      about: "The signal that is to kill one worker reaches the other.",
      trouble: [{ fault: "kill-astray", options: {}, times: 1, between: [0.2, 0.6] }],
    },
    "cut-for-ever": {
      ...broken,
      about: "A link is cut, and nobody restores it.",
      trouble: [
        { fault: "cut-for-ever", options: { lastsMs: [500, 500], of: "worker" }, times: 1, between: [0.2, 0.6] },
      ],
    },
  },
});
