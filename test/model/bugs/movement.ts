/**
 * Jobs that go on late or never, fleets that stand still, processes that do not go in good order, numbers that are
 * wrong.
 */
import { never, ticksPerSecond } from "../../../history/ledger.ts";
import { mayBeInTime } from "../../../history/unseen-delays.ts";
import { recoveriesOf } from "../../../history/recoveries.ts";
import { dueTimes } from "../../../history/waiting.ts";
import { killsItsWorker } from "../../../history/record.ts";
import { usableSince } from "../usable.ts";
import type { Bug } from "./contract.ts";
import { instead } from "./instead.ts";
import { isKiller } from "./repeats.ts";

/** What a lost process held comes back when so many times the bound have passed; 0 for never. */
const comesBack =
  (times: (within: (from: number, to: number) => number) => number): Bug["plant"] =>
  (model, planting) => {
    const {
      fleet: { queue },
      world,
      simulation,
      dice,
    } = model;
    instead(queue.steps, "lose", (usual) => (entry) => {
      const { begun, delivery, holder } = entry;
      const lostAtMs = queue.workers
        .find(({ process }) => process.incarnation === holder)
        ?.process.silences()
        .at(-1)?.fromMs;
      const isOne = begun && !isKiller(model, entry) && !entry.ghost && lostAtMs !== undefined;
      if (!isOne || !planting.takes()) return usual(entry);
      const factor = times(dice.within);
      queue.store.change(entry, { state: "withheld" });
      if (factor === 0) return planting.broke(entry.job);
      const over = planting.awaits();
      const isWithheld = (): boolean => entry.state === "withheld" && entry.delivery === delivery;
      const usableMs = usableSince(model, isWithheld);
      simulation.at(lostAtMs + factor * world.bounds.recoveryMs, () => {
        if (isWithheld()) {
          queue.store.change(entry, { state: "lost", lostAtMs });
          planting.broke(entry.job, usableMs() <= world.bounds.recoveryMs);
        }
        over();
      });
    });
  };

/** Whoever outlives a hit and ends his run may have settled it, where nobody tells: then it is late, or repeated. */
const lateOrRepeated: NonNullable<Bug["ownedBy"]> = (ledger, job) => {
  const life = ledger.life(job);
  const isOver = life.some(({ kind }) => kind === "end" || kind === "failed");
  return ledger.run.tellsSettlements || !isOver
    ? ["recovery-bound"]
    : ["recovery-bound", "duplicates-explained", "no-premature-reclaim", "attempts-exact"];
};

/** By the run's own reckoning, it went on in time, or may have. */
const inTime: NonNullable<Bug["isBlind"]> = (ledger, job) => {
  const { recoveryMs: mayTakeMs, againMs } = ledger.run.bounds;
  return recoveriesOf(ledger).some(
    (one) => one.job === job && (one.ms <= mayTakeMs || mayBeInTime(ledger, one, { mayTakeMs, againMs }) !== undefined),
  );
};

const recoveryBugs: readonly Bug[] = [
  {
    breaks: "recovery-bound",
    what: "what a lost process held goes on long after the bound",
    amid: ["kill", "fleet-away", "cut", "pause"],
    plant: comesBack((within) => within(2.5, 5)),
    ownedBy: lateOrRepeated,
    isBlind: inTime,
  },
  {
    breaks: "recovery-bound",
    what: "what a lost process held goes on somewhat after the bound",
    amid: ["kill", "fleet-away", "cut", "pause"],
    plant: comesBack((within) => within(1.2, 2.5)),
    ownedBy: lateOrRepeated,
    isBlind: inTime,
  },
  {
    breaks: "recovery-bound",
    what: "what a lost process held is never looked at again",
    amid: ["kill", "fleet-away", "cut", "pause"],
    plant: comesBack(() => 0),
  },
];

/**
 * Where nothing that came a second later was begun, a job that is left lying looks like a queue that stopped before it.
 */
const whoeverIsLast: NonNullable<Bug["ownedBy"]> = (ledger, job) => {
  const { firstStartAt } = ledger.columns;
  const dueAt = dueTimes(ledger);
  const due = dueAt(job);
  const isFirst = firstStartAt[job] === never && due !== never;
  const wentOn = firstStartAt.some(
    (at, other) => at !== never && dueAt(other) !== never && dueAt(other) > due + ticksPerSecond,
  );
  return [isFirst && !wentOn ? "progress" : "drained"];
};

const leftBugs: readonly Bug[] = [
  {
    breaks: "drained",
    what: "a job that was in nobody's hands is left lying",
    plant: ({ fleet: { queue } }, planting) =>
      instead(queue.steps, "enqueue", (usual) => (job) => {
        const isNew = queue.store.find(job) === undefined;
        usual(job);
        if (!isNew || !planting.takes()) return;
        const entry = queue.store.find(job);
        if (entry !== undefined) queue.store.change(entry, { state: "left" });
        planting.broke(job);
      }),
    ownedBy: whoeverIsLast,
  },
  {
    breaks: "drained",
    what: "a delayed job, or a retry, is left lying",
    wishes: { delays: true, failing: true },
    plant: ({ fleet: { queue } }, planting) =>
      instead(queue.steps, "promote", (usual) => (entry) => {
        if (!planting.takes()) return usual(entry);
        queue.store.change(entry, { state: "left" });
        planting.broke(entry.job);
      }),
    ownedBy: whoeverIsLast,
  },
  {
    breaks: "drained",
    what: "a job that is done is kept",
    plant: ({ fleet: { queue } }, planting) => {
      let kept = 0;
      instead(queue.steps, "complete", (usual) => (entry) => {
        if (!planting.takes()) return usual(entry);
        kept++;
        queue.store.change(entry, { state: "withheld" });
        planting.broke(entry.job);
      });
      // It is out of its count.
      instead(queue.steps, "depth", (usual) => () => usual() - kept);
    },
    // Where nobody tells, or the answer was lost, it may as well have been lost by one who was hit before he could
    // settle it.
    ownedBy: ({ columns }, job) => ((columns.acceptedDone[job] ?? 0) > 0 ? ["drained"] : ["drained", "recovery-bound"]),
  },
  {
    breaks: "drained",
    what: "something is left behind in the store",
    plant: ({ fleet: { queue }, leftovers }, planting) =>
      queue.on.settled.push(() => {
        if (!planting.takes()) return;
        leftovers.push({ what: "lock", count: 1 });
        planting.broke(undefined);
      }),
  },
];

const stillBugs: readonly Bug[] = [
  {
    breaks: "progress",
    what: "the whole fleet stands still with work due",
    amid: [],
    wishes: { killers: 0, calm: true },
    plant: ({ fleet: { queue }, world, simulation, dice }, planting) =>
      instead(queue.steps, "enqueue", (usual) => (job) => {
        usual(job);
        const entry = queue.store.find(job);
        if (entry?.state !== "waiting" || queue.standsStill || !planting.takes()) return;
        queue.standsStill = true;
        const over = planting.awaits();
        simulation.after(dice.within(1.1, 2.5) * (world.bounds.recoveryMs + world.bounds.retryMs) + 3000, () => {
          if (entry.state === "waiting") planting.broke(job);
          queue.standsStill = false;
          queue.wake();
          over();
        });
      }),
  },
];

const goingBugs: readonly Bug[] = [
  {
    breaks: "graceful-stop",
    what: "a worker that is asked to stop goes at once",
    wishes: { calm: true },
    amid: ["restart"],
    plant: ({ fleet, world }, planting) =>
      instead(fleet.queue.steps, "graceMs", (usual) => (incarnation) => {
        const worker = fleet.queue.workers.find(({ process }) => process.incarnation === incarnation);
        const runs = worker?.runs() ?? [];
        const [held] = runs;
        if (held === undefined || isHit(worker?.process.silences()) || !planting.takes()) return usual(incarnation);
        if (runs.some(({ entry }) => world.jobs[entry.job]?.failures !== killsItsWorker))
          planting.broke(held.entry.job);
        return 0;
      }),
  },
  {
    breaks: "graceful-stop",
    what: "a worker that is asked to stop does not go",
    wishes: { calm: true, killers: 0 },
    amid: ["restart"],
    plant: ({ fleet, world, dice }, planting) =>
      instead(fleet.queue.steps, "goes", (usual) => (incarnation) => {
        const worker = fleet.queue.workers.find(({ process }) => process.incarnation === incarnation);
        if (isHit(worker?.process.silences()) || !planting.takes()) return usual(incarnation);
        planting.broke(undefined);
        return { afterMs: world.terms.graceMs + dice.within(6000, 20_000), code: 0 };
      }),
  },
  {
    breaks: "graceful-stop",
    what: "a worker that is asked to stop breaks off",
    wishes: { calm: true },
    amid: ["restart"],
    plant: ({ fleet }, planting) =>
      instead(fleet.queue.steps, "goes", (usual) => (incarnation) => {
        const worker = fleet.queue.workers.find(({ process }) => process.incarnation === incarnation);
        if (isHit(worker?.process.silences()) || !planting.takes()) return usual(incarnation);
        planting.broke(undefined);
        return { afterMs: 0, code: 1 };
      }),
  },
];

/** Whoever was silent when he went, or may have been seen to be, is excused. */
const isHit = (silences: readonly { readonly fromMs: number; readonly toMs: number }[] = []): boolean =>
  silences.length > 0;

const figureBugs: readonly Bug[] = [
  {
    breaks: "metrics-truthful",
    what: "the queue says that it has more to do than it has",
    plant: ({ fleet: { queue }, world, dice }, planting) =>
      instead(queue.steps, "depth", (usual) => () => {
        if (!planting.takes()) return usual();
        planting.broke(undefined);
        return usual() + world.jobs.length + dice.count(0, 1000);
      }),
  },
  {
    breaks: "metrics-truthful",
    what: "the queue says that it has less to do than it has",
    plant: ({ fleet: { queue } }, planting) => {
      const acknowledged = new Set<number>();
      instead(queue.steps, "answer", (usual) => (job) => {
        acknowledged.add(job);
        return usual(job);
      });
      instead(queue.steps, "depth", (usual) => () => {
        const there = queue.store.entries.some(
          ({ job, state, attempt }) =>
            attempt === 1 && (state === "waiting" || state === "delayed") && acknowledged.has(job),
        );
        if (!there || !planting.takes()) return usual();
        planting.broke(undefined);
        return 0;
      });
    },
  },
];

export const movementBugs: readonly Bug[] = [...recoveryBugs, ...leftBugs, ...stillBugs, ...goingBugs, ...figureBugs];
