/** Bugs in what is answered, and in what is told of a run: enqueues, receipts, settlements, limits and dead letters. */
import { printsOf } from "../../../history/receipts.ts";
import { settledAs } from "../../../history/record.ts";
import type { Fields } from "../../../history/encode.ts";
import type { Kind } from "../../../history/record.ts";
import type { Model } from "../run.ts";
import type { Bug } from "./contract.ts";
import { newEntry } from "../store.ts";
import { instead } from "./instead.ts";

/** What the producers put on file goes through this before. */
function rewrite({ fleet }: Model, of: (kind: Kind, fields: Fields) => Fields): void {
  for (const process of fleet.processes()) {
    if (process.role !== "producer") continue;
    const put = process.file.put;
    process.file.put = (kind, fields = {}) => put(kind, of(kind, fields));
  }
}

export const answerBugs: readonly Bug[] = [
  {
    breaks: "enqueue-answered",
    what: "every third enqueue is refused with nothing wrong",
    wishes: { calm: true },
    amid: [],
    plant({ fleet: { queue } }, planting) {
      if (!planting.takes()) return;
      const isRefused = (job: number): boolean => job % 3 === 2;
      instead(queue.steps, "enqueue", (usual) => (job) => void (isRefused(job) || usual(job)));
      instead(queue.steps, "answer", (usual) => (job) => (isRefused(job) ? "refused" : usual(job)));
      planting.broke(undefined);
    },
  },
  {
    breaks: "receipts-unique",
    what: "a job is acknowledged under the id of another",
    wishes: { repeats: false },
    amid: [],
    plant(model, planting) {
      let first: number | undefined;
      let isGiven = false;
      rewrite(model, (kind, fields) => {
        const { job = 0 } = fields;
        if (kind !== "ok") return fields;
        const other = first;
        first ??= job;
        if (other === undefined || isGiven || !planting.takes()) return { ...fields, ...printsOf(`job ${job}`) };
        isGiven = true;
        planting.broke(job);
        return { ...fields, ...printsOf(`job ${other}`) };
      });
    },
  },
  {
    breaks: "deduplicated",
    what: "a job is written although one with its key is known",
    wishes: { repeats: true },
    plant({ fleet: { queue }, world }, planting) {
      instead(queue.steps, "enqueue", (usual) => (job) => {
        usual(job);
        const { repeats, delayMs = 0 } = world.jobs[job] ?? {};
        if (repeats === undefined || delayMs > 0 || queue.store.find(job) !== undefined || !planting.takes()) return;
        queue.store.add(newEntry(job, 0));
        planting.broke(job);
      });
    },
  },
  {
    breaks: "settled-after-end",
    what: "a job is settled as done while its handler runs",
    wishes: { tells: true },
    plant({ fleet: { queue }, world, simulation }, planting) {
      queue.on.started.push((worker, held) => {
        const { entry, delivery, attempt } = held;
        const plan = world.jobs[entry.job];
        if (plan === undefined || plan.failures !== 0 || plan.runMs < 20 || entry.ghost) return;
        worker.process.later(plan.runMs / 2, () => {
          const isRunning = worker.runs().includes(held) && queue.steps.isHolders(entry, delivery);
          if (!isRunning || !worker.process.inTouch() || !planting.takes()) return;
          queue.steps.settle(entry, delivery, false);
          worker.process.file.put("accepted", { job: entry.job, attempt, code: settledAs.done });
          planting.broke(entry.job);
          const over = planting.awaits();
          simulation.after(plan.runMs, over);
        });
      });
    },
    // Its process died before it ended: it was settled without a run.
    cameToNothing: ({ columns }, job) => columns.ends[job] === 0,
    related: ["at-least-once"],
  },
  {
    breaks: "concurrency-limit",
    what: "a worker runs one handler more than it may",
    plant({ fleet: { queue }, world }, planting) {
      const employ = queue.employ;
      let isPlanted = false;
      queue.employ = (process) => {
        const worker = employ(process);
        const { freeHands } = worker;
        worker.freeHands = () => {
          const free = freeHands();
          if (free > 0 || isPlanted || queue.store.waiting().length === 0 || !planting.takes()) return free;
          isPlanted = true;
          return 1;
        };
        return worker;
      };
      queue.on.started.push((worker) => {
        if (worker.runs().length > world.concurrency) planting.broke(undefined);
      });
    },
  },
  {
    breaks: "dead-letter-complete",
    what: "a dead letter names a worker that never ran its job",
    wishes: { deadly: true },
    plant({ fleet: { queue }, scans }, planting) {
      scans.push((scanner) => {
        for (const { job, letters, ghost } of queue.store.entries) {
          if (ghost || letters !== 1 || !planting.takes()) continue;
          scanner.put("deadFailed", { job, code: 999 });
          planting.broke(job);
        }
      });
    },
  },
];
