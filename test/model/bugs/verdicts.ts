/** Bugs by which one job comes to two verdicts. */
import { hadItFirst } from "../../../history/excuses.ts";
import { killsItsWorker } from "../../../history/record.ts";
import { mayHaveHadItFirst, type Start } from "../excuse.ts";
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

/** By the run's own intervals, whoever began it last may have had it before the one whose word was accepted. */
const wasHadFirst: NonNullable<Bug["isBlind"]> = (ledger, job) => {
  const life = ledger.life(job);
  const before = life.slice(
    0,
    life.findIndex(({ kind }) => kind === "accepted"),
  );
  const [start, repeat] = before.filter(({ kind }) => kind === "start").slice(-2);
  const available = before.findLast(({ kind, at }) => kind === "failed" && at < (start?.at ?? 0)) ?? before[0];
  if (available === undefined || start === undefined || repeat === undefined) return false;
  return (
    hadItFirst(ledger, { start, availableAt: available.at, settledAt: undefined, again: false }, repeat).length > 0
  );
};

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
    // The other copy is begun when whoever had the one has gone.
    related: ["graceful-stop"],
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
      const begun = new Map<Entry, { readonly delivery: number; readonly starts: readonly Start[] }>();
      queue.on.started.push((worker, { entry, delivery }) => {
        const starts = [...(begun.get(entry)?.starts ?? []), { worker, atMs: model.simulation.now() }];
        begun.set(entry, { delivery, starts });
      });
      instead(queue.steps, "settle", (usual) => (entry, delivery, failed) => {
        const taken =
          entry.state === "held" &&
          !entry.ghost &&
          delivery < entry.delivery &&
          begun.get(entry)?.delivery === entry.delivery &&
          entry.begun;
        if (failed || !taken || !planting.takes()) return usual(entry, delivery, failed);
        const [earlier, later] = begun.get(entry)?.starts.slice(-2) ?? [];
        planting.broke(
          entry.job,
          () => earlier !== undefined && later !== undefined && mayHaveHadItFirst(model, earlier, later),
        );
        return usual(entry, entry.delivery, false);
      });
    },
    isBlind: wasHadFirst,
    // Its word was not told; or it was no stale owner, but had only received the job before the other one began.
    cameToNothing: ({ columns }, job) => (columns.acceptedDone[job] ?? 0) === 0,
  },
];
