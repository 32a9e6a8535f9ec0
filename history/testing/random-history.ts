/** Histories that nobody thought of: a few jobs, and a few steps by chance. */
import type { Effect } from "../effects.ts";
import { drainOutcomes } from "../journal.ts";
import type { Resource } from "../resource.ts";
import { alwaysFails, killsItsWorker, type PlaceName } from "../record.ts";
import type { NonEmpty, Random } from "../../std/random.ts";
import { history, type History, type ScriptedProcess } from "./history.ts";

/**
 * Anything that a system and a fault could do to a few jobs, sensible or not.
 * @param whole no record is missing
 */
export function randomHistory(random: Random, whole = false): History {
  const jobs = random.between(1, 6);
  const classes = random.fork("priorities");
  const takeovers = random.fork("takeovers");
  const ids = random.fork("ids");
  const repetitions = random.fork("repetitions");
  const run = history({
    jobs,
    priorities: ["high", "low"].slice(0, classes.below(3)).map((name) => ({ name, weight: classes.between(1, 9) })),
    attempts: random.between(1, 3),
    repeats: repetitions.below(2) === 0,
    tellsSettlements: random.below(4) > 0,
    scheduled: random.below(3) === 0 ? { cut: 1 } : {},
  });
  const producer = run.process("producer");
  const workers: NonEmpty<ScriptedProcess> = [run.process("worker"), run.process("worker", { slot: 1 })];
  for (let job = 0; job < jobs; job++) {
    if (random.below(10) === 0) continue;
    producer.send(job, {
      ...(random.below(4) === 0 ? { plannedFailures: random.pick([1, 2, alwaysFails, killsItsWorker]) } : {}),
      ...(random.below(4) === 0 ? { delayMs: 500 } : {}),
      priority: classes.below(3),
      ...(job > 0 && repetitions.below(4) === 0 ? { repeats: repetitions.below(job) } : {}),
    });
    if (repetitions.below(8) === 0) {
      producer.duplicate(job, ids.pick(["", "one"]));
      continue;
    }
    const id = ids.pick(["", "one", `job ${job}`, `job ${job}`]);
    random.pick([
      () => producer.ok(job, id),
      () => producer.ok(job, id),
      () => producer.ok(job, id),
      () => producer.unknown(job),
      () => producer.refused(job),
      () => {},
    ])();
    if (random.below(2) === 0) random.pick(workers).start(job).end(job).accepted(job);
  }
  for (let step = random.below(15); step > 0; step--) {
    run.wait(random.below(3_000));
    randomStep(random, run, random.pick(workers), random.below(jobs));
    if (takeovers.below(5) === 0) randomTakeover(takeovers, run, workers, random.below(jobs));
  }
  if (random.below(3) > 0) run.storeClock(-1_000, run.now() + 1_000);
  if (random.below(4) === 0) run.scanned({ finished: random.below(2) === 0, agrees: random.below(2) === 0 });
  if (random.below(6) === 0) run.drain(random.pick(drainOutcomes));
  const damaged = random.below(10) === 0 ? random.pick<ScriptedProcess>([producer, ...workers]) : undefined;
  if (!whole) damaged?.gap();
  return run;
}

/** A job goes to another while its owner stands still, and then either has a word to say. */
function randomTakeover(random: Random, run: History, [owner, taker = owner]: NonEmpty<ScriptedProcess>, job: number) {
  owner.start(job);
  const pause = run.fault("pause", { effect: "paused", touches: ["worker:0"] }).armed();
  run.wait(5_000);
  taker.start(job);
  pause.bit().healed();
  owner.end(job);
  if (random.below(2) === 0) owner.accepted(job);
  else taker.end(job).accepted(job);
}

function randomStep(random: Random, run: History, worker: ScriptedProcess, job: number): void {
  const attempt = random.between(1, 3);
  const fault = (effect: Effect, resource: Resource) =>
    run
      .fault("cut", { effect, touches: [resource] })
      .armed()
      .bit();
  random.pick<() => unknown>([
    () => worker.start(job, { attempt }),
    () => worker.start(job, { attempt }).failed(job, { attempt }),
    () =>
      worker
        .start(job, { attempt })
        .failed(job, { attempt })
        .start(job, { attempt: attempt + 1 }),
    () => worker.start(job, { attempt }).end(job, { attempt }).accepted(job, { attempt }),
    () => worker.accepted(job, { as: random.pick(["done", "dead"]) }),
    () => worker.settlementRefused(job),
    () => worker.settlementUnknown(job),
    () => worker.stalled(2_000),
    () => worker.killed(),
    () => random.pick([() => worker.corrupt(job), () => run.corruptInScan(), () => {}])(),
    () => run.place(job, random.pick<PlaceName>(["waiting", "active", "delayed"])),
    () => run.place(job, "dead", { fields: random.below(256) }),
    () => fault("cut-off", "link:worker:0").healed(),
    () => fault("store-away", "store").notHealed("not back"),
    () => fault("paused", "worker:0").healed(),
    () => {
      fault("asked-to-stop", "worker:1");
      worker.closed();
    },
    () => run.depth(random.below(8)),
  ])();
}
