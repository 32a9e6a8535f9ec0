/**
 * Two runs of a sound queue, written down whole: one in which much goes wrong around it, and one in which work piles
 * up. Whatever is then missing from such a history must not make anybody guilty.
 */
import { checks } from "../../checks/index.ts";
import { alwaysFails, deadFieldNames, killsItsWorker } from "../../history/record.ts";
import type { Claims } from "../../systems/contract.ts";
import { history, type History, type ScriptedProcess } from "../../history/testing/history.ts";

/** About as narrow as these runs keep. */
export const narrow: Claims = {
  ...Object.fromEntries(Object.entries(checks).map(([name, { neutral }]) => [name, neutral])),
  "recovery-bound": { boundMs: 10_000, againMs: 40_000 },
  progress: { boundMs: 10_000 },
  "no-starvation": { boundMs: 2_000 },
  "graceful-stop": { graceMs: 1_000 },
  "dead-letter-complete": { fields: [...deadFieldNames] },
  "dead-letter-exactly-once": { poisonAfter: 3 },
  "attempts-exact": { crashes: "free" },
  "enqueue-unhindered": { times: 3 },
};

export interface Green {
  readonly run: History;
  readonly producer: ScriptedProcess;
  /** Well, and without work, from `quietMs` to the end. */
  readonly workers: readonly [ScriptedProcess, ScriptedProcess];
  /** The number of the next job. */
  readonly spare: number;
  readonly quietMs: number;
}

const attempts = 3;
const backoffMs = 1_000;
const ordinary = 300;
const everyMs = 50;

/**
 * Jobs come one by one for 15 s: some are delayed, some fail, for good or not, one ends its worker. Meanwhile a worker
 * is killed, one paused and then restarted, and a producer killed.
 */
// long: a script, read from its first moment to its last
export function faultyRun(): Green {
  const run = history({ jobs: ordinary + 8, attempts, backoffMs, producers: 2, concurrency: 10 });
  const producers = [run.process("producer"), run.process("producer", { slot: 1 })] as const;
  const worker = run.process("worker", { slot: 1 });
  const fleet = { worker, killed: run.process("worker"), restarted: run.process("worker", { slot: 2 }) };
  const another = (role: "producer" | "worker", slot: number, ms: number): ScriptedProcess =>
    run.at(ms).process(role, { slot, spawned: "now" });
  const struck = (
    name: string,
    effect: "killed" | "paused" | "asked-to-stop",
    slot: `${"worker" | "producer"}:${number}`,
    from: number,
    to: number,
  ): void => {
    const fault = run.at(from).fault(name, { effect, touches: [slot] });
    fault.armed();
    run.at(to);
    fault.bit().healed();
  };
  struck("pause", "paused", "worker:2", 1_500, 7_500);
  fleet.restarted.at(1_502).stalled(5_990);
  struck("kill", "killed", "worker:0", 4_990, 5_400);
  fleet.killed.at(5_000).killed();
  struck("producer-kill", "killed", "producer:0", 5_990, 6_450);
  producers[0].at(6_010).killed();
  struck("restart", "asked-to-stop", "worker:2", 9_000, 9_700);
  fleet.restarted.at(9_200).closed();
  const next = { killed: another("worker", 0, 5_100), restarted: another("worker", 2, 9_300) };
  const successor = another("producer", 0, 6_200);

  const changes: { readonly ms: number; readonly by: number }[] = [];
  const settle = (by: ScriptedProcess, ms: number, job: number, attempt = 1, as: "done" | "dead" = "done"): void => {
    by.at(ms).accepted(job, { attempt, as });
    changes.push({ ms, by: -1 });
    if (as === "dead") run.at(28_100).place(job, "dead", { attempts: attempt });
  };
  const send = (
    by: ScriptedProcess,
    ms: number,
    job: number,
    plan: { readonly intended?: number; readonly plannedFailures?: number; readonly delayMs?: number } = {},
  ): void => {
    by.at(ms)
      .send(job, plan)
      .at(ms + 2)
      .ok(job);
    changes.push({ ms: ms + 2, by: 1 });
  };
  const wellAt = (ms: number): readonly ScriptedProcess[] => [
    worker,
    ...(ms < 4_900 ? [fleet.killed] : ms > 6_200 ? [next.killed] : []),
    ...(ms < 1_400 || (ms > 7_600 && ms < 8_900) ? [fleet.restarted] : ms > 10_400 ? [next.restarted] : []),
  ];

  for (let job = 0; job < ordinary; job++) {
    const intended = 20 + job * everyMs;
    const failing = job % 30 === 7 ? alwaysFails : job % 10 === 3 ? 1 : 0;
    const late = job % 2 === 0 && intended > 5_990 && intended < 6_460;
    const by = job % 2 === 1 ? producers[1] : intended < 5_990 ? producers[0] : successor;
    const sentMs = late ? 6_460 + (intended - 5_990) / 20 : intended;
    const delayMs = job % 7 === 5 && failing === 0 ? 500 : 0;
    send(by, sentMs, job, { intended, plannedFailures: failing, ...(delayMs > 0 ? { delayMs } : {}) });
    let ms = sentMs + 5 + delayMs;
    for (let attempt = 1; attempt <= Math.min(failing + 1, attempts); attempt++) {
      const there = wellAt(ms);
      const holder = there[job % there.length] ?? worker;
      const fails = attempt <= failing;
      holder
        .at(ms)
        .start(job, { attempt })
        .at(ms + 10);
      if (fails) holder.failed(job, { attempt });
      else holder.end(job, { attempt });
      if (!fails || attempt === attempts) settle(holder, ms + 12, job, attempt, fails ? "dead" : "done");
      ms += 10 + backoffMs * 2 ** (attempt - 1) + 15;
    }
  }

  let job = ordinary;
  // In hand of the killed one.
  send(producers[0], 4_940, job);
  fleet.killed.at(4_950).start(job);
  worker.at(9_700).start(job).end(job);
  settle(worker, 9_710, job++);
  // Ended by the killed one, which did not live to hear that it was settled.
  send(producers[0], 4_960, job);
  fleet.killed.at(4_970).start(job).at(4_999).end(job++);
  changes.push({ ms: 4_999, by: -1 });
  // In hand of the paused one, which comes back to it in vain.
  send(producers[1], 1_450, job);
  fleet.restarted.at(1_480).start(job);
  worker.at(6_700).start(job).end(job);
  settle(worker, 6_705, job);
  fleet.restarted.at(7_510).end(job).settlementRefused(job++);
  // In hand of the one that is asked to stop.
  send(producers[1], 8_980, job);
  fleet.restarted.at(8_990).start(job).at(9_100).end(job);
  settle(fleet.restarted, 9_105, job++);
  // Without an answer: one is never seen again, one is done.
  producers[0].at(6_005).send(job++).send(job);
  worker.at(6_020).start(job).end(job).accepted(job++);
  producers[1].at(3_010).send(job).refused(job++);
  // Ends its worker three times.
  send(producers[1], 12_010, job, { plannedFailures: killsItsWorker });
  const lives = [run.process("worker", { slot: 3 }), another("worker", 3, 12_300), another("worker", 3, 17_600)];
  for (const [index, life] of lives.entries())
    life
      .at(12_020 + index * 5_100)
      .start(job)
      .at(12_030 + index * 5_100)
      .killed();
  const last = another("worker", 3, 22_700);
  settle(last, 27_000, job++, 3, "dead");

  run.storeClock(-1_000, 29_000);
  for (let ms = 345; ms < 28_000; ms += 500)
    run.at(ms).depth(changes.reduce((depth, change) => (change.ms < ms ? depth + change.by : depth), 0));
  run.at(30_000);
  return { run, producer: producers[1], workers: [next.killed, next.restarted], spare: job, quietMs: 20_000 };
}

/** Jobs of two priorities, three to one: a few at first, then a thousand at once, worked off by their weights. */
export function backlogRun(): Green {
  const priorities = [
    { name: "high", weight: 3 },
    { name: "low", weight: 1 },
  ];
  const [calm, burst, beside] = [150, 700, 150];
  const jobs = calm + burst + beside;
  const exercises = ["enqueue-unhindered", "priority-honoured"];
  const run = history({ jobs, attempts, backoffMs, priorities, exercises });
  const producer = run.process("producer");
  const workers = [run.process("worker"), run.process("worker", { slot: 1 })] as const;
  const waiting: readonly [number[], number[]] = [[], []];
  const send = (ms: number, job: number): number => {
    const priority = job % 4 === 0 ? 2 : 1;
    producer.at(ms).send(job, { priority }).ok(job);
    return priority;
  };
  const work = (ms: number, job: number): void => {
    const by = workers[job % 2 === 0 ? 0 : 1];
    by.at(ms)
      .start(job)
      .at(ms + 8)
      .end(job)
      .accepted(job);
  };
  for (let job = 0; job < calm; job++) {
    send(job * 12, job);
    work(job * 12 + 3, job);
  }
  for (let job = calm; job < calm + burst; job++) waiting[send(2_000 + (job - calm) / 4, job) - 1]?.push(job);
  for (let job = calm + burst; job < jobs; job++) waiting[send(3_000 + (job - calm - burst) * 8, job) - 1]?.push(job);
  for (let turn = 0; waiting.some(({ length }) => length > 0); turn++) {
    const job = waiting[turn % 4 === 0 ? 1 : 0].shift() ?? waiting.flatMap((queue) => queue.splice(0, 1))[0];
    if (job !== undefined) work(2_400 + turn * 10, job);
  }
  run.storeClock(-1_000, 20_000).at(19_500).depth(0).at(20_000);
  return { run, producer, workers, spare: jobs, quietMs: 19_000 };
}
