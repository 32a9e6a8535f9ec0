/** Jobs that are lost, invented, or settled without a run. */
import { outcomes, type Ledger } from "../../../history/ledger.ts";
import { deadFields, killsItsWorker, noJob } from "../../../history/record.ts";
import type { Bug, Planting } from "./contract.ts";
import { instead } from "./instead.ts";
import type { Model } from "../run.ts";
import type { Entry } from "../store.ts";
import type { Steps } from "../steps.ts";

/** In the place of a step on one entry: it is gone. */
const forgets =
  (step: "promote" | "retry" | "bury" | "lose", which: (entry: Entry) => boolean = () => true): Bug["plant"] =>
  ({ fleet: { queue } }, planting) =>
    instead(queue.steps, step, (usual) => (entry) => {
      if (!which(entry) || !planting.takes()) return usual(entry);
      queue.store.change(entry, { state: "gone" });
      planting.broke(entry.job);
    });

const lossBugs: readonly Bug[] = [
  {
    breaks: "no-acked-loss",
    what: "an enqueue is acknowledged and never written",
    plant({ fleet: { queue } }, planting) {
      instead(queue.steps, "enqueue", (usual) => (job) => {
        if (queue.store.find(job) !== undefined || !planting.takes()) return usual(job);
        usual(job);
        const entry = queue.store.find(job);
        if (entry !== undefined) queue.store.change(entry, { state: "gone" });
        planting.broke(job);
      });
    },
    cameToNothing: ({ columns }, job) => columns.outcome[job] !== outcomes.ok,
  },
  {
    breaks: "no-acked-loss",
    what: "what a lost process held is dropped",
    plant: forgets("lose", ({ begun, ghost }) => begun && !ghost),
    // Its stale owner came to the end of it after all; and who was never acknowledged was never promised anything.
    cameToNothing: ({ columns }, job) => (columns.ends[job] ?? 0) > 0,
  },
  {
    breaks: "no-acked-loss",
    what: "a failed job is removed before its retry is written",
    wishes: { failing: true },
    plant: forgets("retry"),
    cameToNothing: ({ columns }, job) => (columns.ends[job] ?? 0) > 0,
  },
  {
    breaks: "no-acked-loss",
    what: "a job that failed for good becomes no dead letter",
    wishes: { deadly: true },
    plant: forgets("bury"),
    cameToNothing: ({ columns }, job) => (columns.ends[job] ?? 0) > 0,
  },
  {
    breaks: "no-acked-loss",
    what: "a delayed job is dropped when its time comes",
    wishes: { delays: true },
    plant: forgets("promote", ({ attempt }) => attempt === 1),
    cameToNothing: ({ columns }, job) => columns.outcome[job] !== outcomes.ok,
  },
];

const phantomBugs: readonly Bug[] = [
  {
    breaks: "no-phantom",
    what: "an enqueue is refused, and carried out",
    plant: ({ fleet: { queue } }, planting) =>
      instead(queue.steps, "answer", (usual) => (job) => {
        if (usual(job) !== "ok" || !planting.takes()) return usual(job);
        planting.broke(job);
        return "refused";
      }),
  },
  {
    breaks: "no-phantom",
    what: "a handler is given a payload of no job",
    plant: ({ fleet: { queue } }, planting) =>
      queue.on.started.push(({ process }) => {
        if (!planting.takes()) return;
        process.file.put("corrupt", { job: noJob });
        planting.broke(undefined);
      }),
  },
  {
    breaks: "no-phantom",
    what: "a dead letter has the payload of another job",
    wishes: { deadly: true },
    plant: ({ fleet: { queue }, scans }, planting) =>
      instead(queue.steps, "bury", (usual) => (entry) => {
        usual(entry);
        if (!planting.takes()) return;
        scans.push((scanner) => scanner.put("corrupt", { job: entry.job }));
        planting.broke(entry.job);
      }),
  },
  {
    breaks: "no-phantom",
    what: "a job runs that nobody sent",
    wishes: { repeats: false },
    // One of the plan was not sent, so the load was not met.
    related: ["run-valid", "metrics-truthful"],
    plant: ({ fleet: { queue } }, planting) =>
      instead(queue.steps, "sends", () => (job) => {
        if (!queue.store.isUp() || !planting.takes()) return true;
        queue.steps.enqueue(job);
        planting.broke(job);
        return false;
      }),
  },
];

const unrun = ({ fleet: { queue } }: Model, planting: Planting, as: "complete" | "bury"): void => {
  const refused = new Set<Entry>();
  instead(queue.steps, "runs", () => (entry) => {
    if (entry.ghost || entry.attempt > 1 || entry.lostAtMs !== undefined || !planting.takes()) return true;
    refused.add(entry);
    planting.broke(entry.job);
    return false;
  });
  const buried: Steps["settle"] = (entry) => {
    queue.steps.bury(entry);
    return "dead";
  };
  instead(queue.steps, "settle", (usual) => (entry, ...how) => {
    const isOne = refused.delete(entry);
    return isOne && as === "bury" ? buried(entry, ...how) : usual(entry, ...how);
  });
};

/** By somebody who had received it before, and had lost it. */
const wasStarted = ({ columns }: Ledger, job: number): boolean => (columns.starts[job] ?? 0) > 0;

const unrunBugs: readonly Bug[] = [
  {
    breaks: "at-least-once",
    what: "a job is settled as done when it is received",
    wishes: { tells: true },
    plant: (model, planting) => unrun(model, planting, "complete"),
    cameToNothing: wasStarted,
  },
  {
    breaks: "at-least-once",
    what: "a job is dead without having been tried",
    plant: (model, planting) => unrun(model, planting, "bury"),
    cameToNothing: wasStarted,
  },
  {
    breaks: "at-least-once",
    what: "a run that failed is settled as done",
    wishes: { tells: true, failing: true },
    plant: ({ fleet: { queue } }, planting) =>
      instead(queue.steps, "settle", (usual) => (entry, delivery, failed) => {
        if (!failed || !queue.steps.isHolders(entry, delivery) || !planting.takes())
          return usual(entry, delivery, failed);
        planting.broke(entry.job);
        return usual(entry, delivery, false);
      }),
    // Told by nobody, it is as good as lost.
    cameToNothing: ({ columns }, job) => (columns.ends[job] ?? 0) > 0 || columns.acceptedDone[job] === 0,
  },
];

const letterBugs: readonly Bug[] = [
  {
    breaks: "dead-letter-complete",
    what: "a dead letter lacks a field",
    wishes: { deadly: true },
    plant: ({ fleet: { queue }, dice }, planting) =>
      instead(queue.steps, "bury", (usual) => (entry) => {
        usual(entry);
        if (!planting.takes()) return;
        const bits = Object.values(deadFields);
        queue.store.change(entry, { lacks: bits[dice.count(0, bits.length - 1)] ?? 1 });
        planting.broke(entry.job);
      }),
  },
  {
    breaks: "dead-letter-exactly-once",
    what: "a job is written to the dead letters twice",
    wishes: { deadly: true },
    plant: ({ fleet: { queue } }, planting) =>
      instead(queue.steps, "bury", (usual) => (entry) => {
        usual(entry);
        if (!planting.takes()) return;
        queue.store.change(entry, { letters: entry.letters + 1 });
        planting.broke(entry.job);
      }),
  },
  {
    breaks: "dead-letter-exactly-once",
    what: "a job that is done is written to the dead letters as well",
    plant: ({ fleet: { queue } }, planting) =>
      instead(queue.steps, "complete", (usual) => (entry) => {
        usual(entry);
        if (!planting.takes()) return;
        queue.store.change(entry, { letters: 1 });
        planting.broke(entry.job);
      }),
    cameToNothing: ({ columns, run }, job) => run.tellsSettlements && columns.acceptedDone[job] !== 1,
  },
  {
    breaks: "dead-letter-exactly-once",
    what: "a job whose process died is buried though it has not failed",
    // It is out of the queue's count, though somebody is still at it.
    related: ["metrics-truthful"],
    amid: ["kill", "fleet-away", "pause", "cut"],
    plant: ({ fleet: { queue }, world }, planting) =>
      instead(queue.steps, "lose", (usual) => (entry) => {
        const isKiller = world.jobs[entry.job]?.failures === killsItsWorker;
        if (!entry.begun || isKiller || entry.ghost || !planting.takes()) return usual(entry);
        queue.steps.bury(entry);
        planting.broke(entry.job);
      }),
    // Its run failed after all, though nobody heard.
    cameToNothing: ({ life }, job) =>
      life(job).findLast(({ kind }) => kind === "start" || kind === "end" || kind === "failed")?.kind === "failed",
  },
];

export const jobBugs: readonly Bug[] = [...lossBugs, ...phantomBugs, ...unrunBugs, ...letterBugs];
