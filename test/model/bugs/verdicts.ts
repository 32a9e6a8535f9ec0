/** Bugs by which one job comes to two verdicts. */
import { killsItsWorker } from "../../../history/record.ts";
import { newEntry, type Entry } from "../store.ts";
import type { Bug } from "./contract.ts";
import { instead } from "./instead.ts";
import { isKiller } from "./repeats.ts";

/** Two entries of one job, each with an end of its own. */
const twice =
  (step: "retry" | "complete" | "bury"): Bug["plant"] =>
  (model, planting) => {
    const {
      fleet: { queue },
      simulation,
      dice,
    } = model;
    instead(queue.steps, step, (usual) => (entry) => {
      const { attempt } = entry;
      if (entry.ghost || isKiller(model, entry) || !planting.takes()) return usual(entry);
      usual(entry);
      const over = planting.awaits();
      simulation.after(step === "retry" ? 0 : dice.spread(10, 5000), () => {
        const copy = queue.store.add({ ...newEntry(entry.job, entry.priority), state: "withheld", attempt });
        if (step === "retry")
          queue.store.change(copy, { state: "delayed", attempt: entry.attempt, dueMs: entry.dueMs });
        else queue.store.change(copy, { state: "waiting" });
        planting.broke(entry.job);
        over();
      });
    });
  };

const oneEnd: NonNullable<Bug["cameToNothing"]> = ({ columns }, job) =>
  (columns.acceptedDone[job] ?? 0) + (columns.acceptedDead[job] ?? 0) < 2;

export const verdictBugs: readonly Bug[] = [
  {
    breaks: "one-verdict",
    what: "an enqueue is carried out twice",
    wishes: { tells: true },
    plant(model, planting) {
      const { queue } = model.fleet;
      instead(queue.steps, "enqueue", (usual) => (job) => {
        const isNew = queue.store.find(job) === undefined && model.world.jobs[job]?.failures !== killsItsWorker;
        usual(job);
        if (!isNew || !planting.takes()) return;
        const entry = queue.store.find(job);
        if (entry !== undefined) queue.store.add(entry);
        planting.broke(job);
      });
    },
    cameToNothing: oneEnd,
  },
  {
    breaks: "one-verdict",
    what: "a retry is written twice",
    wishes: { tells: true, failing: true },
    plant: twice("retry"),
    cameToNothing: oneEnd,
  },
  {
    breaks: "one-verdict",
    what: "a job that is done is queued again",
    wishes: { tells: true },
    plant: twice("complete"),
    cameToNothing: oneEnd,
  },
  {
    breaks: "one-verdict",
    what: "a dead job is queued again",
    wishes: { tells: true, deadly: true },
    plant: twice("bury"),
    cameToNothing: oneEnd,
  },
  {
    breaks: "fenced",
    what: "a stale owner's settlement is accepted",
    wishes: { tells: true, fleet: true },
    amid: ["pause", "cut"],
    plant(model, planting) {
      const { queue } = model.fleet;
      const begun = new Map<Entry, number>();
      queue.on.started.push((_worker, { entry, delivery }) => void begun.set(entry, delivery));
      instead(queue.steps, "settle", (usual) => (entry, delivery, failed) => {
        const taken =
          entry.state === "held" &&
          !entry.ghost &&
          delivery < entry.delivery &&
          begun.get(entry) === entry.delivery &&
          entry.begun;
        if (failed || !taken || !planting.takes()) return usual(entry, delivery, failed);
        planting.broke(entry.job);
        return usual(entry, entry.delivery, false);
      });
    },
    // Its word was not told; or it was no stale owner, but had only received the job before the other one began.
    cameToNothing: ({ columns }, job) => (columns.acceptedDone[job] ?? 0) === 0,
  },
];
