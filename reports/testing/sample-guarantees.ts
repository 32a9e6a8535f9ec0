/** What the sample runs promise, what became of it, and the lives of the jobs that show it. */
import type { Example } from "../../checks/contract.ts";
import type { LifeEvent } from "../../history/ledger.ts";
import { alwaysFails, type Kind } from "../../history/record.ts";
import type { Guarantee, Overall } from "../contract.ts";

export const boundMs = 15_000;
const second = 1e9;

const event = (at: number, kind: Kind, incarnation: number, more: Partial<LifeEvent> = {}): LifeEvent => ({
  at: at * second,
  kind,
  incarnation,
  attempt: 0,
  code: 0,
  micros: 0,
  ...more,
});

const lostJob = (job: number, sent: number): Example => ({
  job,
  what: "acknowledged, but it is neither done nor dead nor anywhere in the store; its only run was ended by a kill",
  life: [
    event(sent, "send", 1, { micros: 14_200 }),
    event(sent + 0.0021, "ok", 1),
    event(sent + 0.0049, "accepted", 4, { attempt: 1 }),
    event(sent + 0.0052, "start", 4, { attempt: 1 }),
  ],
});

const twiceRun: Example = {
  job: 31_118,
  what:
    "started a second time 3.9 s after its first run was accepted as done; " +
    "nothing happened to the process that held it",
  life: [
    event(33.402, "send", 1, { micros: 9400, code: 1 }),
    event(33.4046, "ok", 1),
    event(33.41, "start", 2, { attempt: 1 }),
    event(33.4197, "failed", 2, { attempt: 1 }),
    event(33.93, "start", 3, { attempt: 2 }),
    event(33.9402, "end", 3, { attempt: 2 }),
    event(33.9424, "accepted", 3, { attempt: 2 }),
    event(37.84, "start", 5, { attempt: 2 }),
    event(37.8502, "end", 5, { attempt: 2 }),
    event(37.853, "settlementRefused", 5, { attempt: 2 }),
    event(112.4, "place", 0, { code: 8, attempt: 3 }),
  ],
};

const stuckJob: Example = {
  job: 77_002,
  what: "fails every time, and is dead in the store <twice> & once more",
  life: [
    event(66.1, "send", 1, { micros: 3000, code: alwaysFails }),
    event(66.104, "unknown", 1),
    event(66.3, "start", 3, { attempt: 1 }),
    event(66.31, "failed", 3, { attempt: 1 }),
  ],
};

/** @param killedAt seconds after the origin at which process 4 was killed */
// long: a table, one entry for each guarantee
export function guaranteesOf(kind: Overall, jobs: number, killedAt: number): readonly Guarantee[] {
  const held = (
    name: string,
    about: string,
    exposed: number,
    more: Partial<Pick<Guarantee, "claimed" | "terms">> = {},
  ): Guarantee => ({
    name,
    about,
    claimed: true,
    promise: name !== "run-valid",
    exercised: true,
    terms: {},
    verdict: "pass",
    tried: exposed > 0,
    judged: jobs,
    exposed,
    counts: { looked: jobs, violations: 0 },
    ...more,
  });
  const broken = (guarantee: Guarantee, violations: number, examples: readonly Example[]): Guarantee => {
    const { name, about, claimed, promise, exercised, terms } = guarantee;
    return {
      name,
      about,
      claimed,
      promise,
      exercised,
      terms,
      verdict: "fail",
      judged: jobs,
      exposed: jobs,
      counts: { looked: jobs, vanished: violations },
      violations,
      examples,
    };
  };
  const lost = held(
    "no-acked-loss",
    "An acknowledged job is done, dead or still in the store at the end: none vanishes.",
    jobs,
  );
  const recovery = held(
    "recovery-bound",
    "A job in the hands of a dead or cut-off worker starts again within the bound.",
    412,
    { terms: { boundMs: boundMs } },
  );
  const duplicates = held(
    "duplicates-explained",
    "A job starts more than once only for a cause that the claim admits.",
    388,
    {
      terms: { causes: ["killed", "cut-off", "store-away"], producerResend: false },
    },
  );
  return [
    kind === "fail" ? broken(lost, 37, [lostJob(41_307, killedAt - 0.0231), lostJob(41_311, killedAt - 0.0187)]) : lost,
    held("no-phantom", "No job runs that nobody enqueued, and none with another's payload.", jobs),
    held("at-least-once", "Every accepted job ends done or dead, and what is done has run.", jobs),
    kind === "fail" ? broken(duplicates, 1, [twiceRun]) : duplicates,
    held("dead-letter-exactly-once", "A job that exhausted its attempts is among the dead exactly once.", 241),
    held("dead-letter-complete", "A dead letter keeps payload, origin, attempts, errors, times and worker.", 241),
    kind === "unknown"
      ? {
          name: "recovery-bound",
          about: recovery.about,
          claimed: true,
          promise: true,
          exercised: true,
          terms: recovery.terms,
          verdict: "unknown",
          reason: "black-hole-2 was not proven over: the proxy did not answer within 5 s",
          counts: { looked: 412 },
        }
      : recovery,
    held("drained", "When the load is over, everything is worked off and nothing is left behind.", jobs),
    held("run-valid", "The load was offered as planned, every fault bit and was healed, the record is whole.", jobs, {
      terms: { lateShare: 0.01, lateAfterMs: 100 },
    }),
    ...(kind === "fail"
      ? [
          {
            ...broken(held("dead-letter-bounded", "Dead letters never outgrow their limit.", 241), 1, [stuckJob]),
            claimed: false,
          },
        ]
      : []),
    {
      ...held("poison-isolated", "A job that ends its worker is dead after a bounded number of times.", 0),
      exercised: false,
    },
    {
      name: "fenced",
      about: "A stale owner settles nothing.",
      claimed: false,
      promise: true,
      exercised: false,
      terms: {},
      verdict: "not-observable",
      reason: "the system does not tell its settlements",
    },
  ];
}

export const sentences: Readonly<Record<Overall, string>> = {
  pass: "The engine kept all 9 promises that it claims, under 35 faults and 120,000 jobs.",
  fail:
    "The engine broke 2 of the 9 promises that it claims: " +
    "37 acknowledged jobs vanished, 1 ran twice without a cause.",
  unknown: "No promise was seen broken, but 1 of 9 could not be judged: a fault was not proven over.",
};

export const reasons: Readonly<Record<Overall, readonly string[]>> = {
  pass: [],
  fail: [
    "no-acked-loss: 37 jobs were acknowledged and are nowhere",
    "duplicates-explained: 1 job started again without a cause",
  ],
  unknown: ["recovery-bound: black-hole-2 was not proven over"],
};
