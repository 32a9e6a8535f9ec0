/** Attempts that are miscounted, retries and delays that are cut short, poison that goes on. */
import { mayBeStale } from "../../../history/excuses.ts";
import type { Ledger } from "../../../history/ledger.ts";
import { killsItsWorker } from "../../../history/record.ts";
import { repeatsIn } from "../../../history/repeats.ts";
import { slopMs } from "../excuse.ts";
import type { Bug } from "./contract.ts";
import { instead } from "./instead.ts";
import type { TroubleName } from "../trouble.ts";

/** Without the store's own clock going wrong, or being there for nobody to ask: by that, nothing is early. */
const clocksRight: readonly TroubleName[] = ["kill", "fleet-away", "pause", "restart", "cut", "deaf", "slow"];

/** By the run's own bounds, its process was hit before it had surely been heard. */
const mayBeUnheard: NonNullable<Bug["isBlind"]> = (ledger, job) =>
  repeatsIn(ledger, ledger.life(job)).extras.some(({ causes }) => causes.length > 0);

/**
 * One of the processes that it ended had stood still before that, for so long that the job may have been another's by
 * then.
 */
const wasStale: NonNullable<Bug["isBlind"]> = (ledger, job) =>
  ledger.life(job).some(({ kind, incarnation, at }) => kind === "start" && mayBeStale(ledger, { incarnation, at }));

/** Its process had been asked to stop, and may have gone without a word of it. */
const wasLeft = (ledger: Ledger, job: number): boolean =>
  repeatsIn(ledger, ledger.life(job)).extras.some(({ left }) => left);

const countBugs: readonly Bug[] = [
  {
    breaks: "attempts-exact",
    what: "a failure is not counted",
    // Of whoever has a wrong clock nobody knows when it was heard.
    amid: clocksRight,
    wishes: { failing: true },
    plant: ({ fleet: { queue }, world, simulation }, planting) =>
      instead(queue.steps, "retry", (usual) => (entry) => {
        usual(entry);
        if (!planting.takes()) return;
        queue.store.change(entry, { attempt: entry.attempt - 1 });
        // Whoever failed it may not have been heard; whoever was silent before, and back, may have had it first.
        const { settleMs, reconnectMs } = world.bounds;
        const [fromMs, toMs] = [simulation.now() - reconnectMs, simulation.now() + settleMs];
        planting.broke(entry.job, () =>
          queue.workers.some(({ process }) =>
            process.silences().some((one) => one.fromMs <= toMs + slopMs && one.toMs >= fromMs - slopMs),
          ),
        );
      }),
    isBlind: mayBeUnheard,
    // Whoever was hit as he had said it has lost it, as far as anybody can tell, and too soon.
    related: ["no-premature-reclaim"],
    ownedBy: (ledger, job) => (wasLeft(ledger, job) ? ["attempts-exact", "graceful-stop"] : ["attempts-exact"]),
  },
  {
    breaks: "attempts-exact",
    what: "a failure is counted twice",
    wishes: { failing: true },
    plant: ({ fleet: { queue } }, planting) =>
      instead(queue.steps, "retry", (usual) => (entry) => {
        usual(entry);
        if (!planting.takes()) return;
        queue.store.change(entry, { attempt: entry.attempt + 1 });
        planting.broke(entry.job);
      }),
  },
  {
    breaks: "attempts-exact",
    what: "a job is given up with attempts left",
    wishes: { failing: true },
    plant: ({ fleet: { queue }, world }, planting) =>
      instead(queue.steps, "settle", (usual) => (entry, delivery, failed) => {
        const left = failed && queue.steps.isHolders(entry, delivery) && entry.attempt < world.attempts;
        if (!left || !planting.takes()) return usual(entry, delivery, failed);
        queue.steps.bury(entry);
        planting.broke(entry.job);
        return "dead";
      }),
  },
  {
    breaks: "attempts-exact",
    what: "a job is tried once more than it has attempts",
    wishes: { deadly: true },
    plant: ({ fleet: { queue }, world }, planting) =>
      instead(queue.steps, "settle", (usual) => (entry, delivery, failed) => {
        const last = failed && queue.steps.isHolders(entry, delivery) && entry.attempt === world.attempts;
        if (!last || !planting.takes()) return usual(entry, delivery, failed);
        queue.steps.retry(entry);
        planting.broke(entry.job);
        return "retry";
      }),
  },
  {
    breaks: "attempts-exact",
    what: "a job that is lost begins with its attempts anew",
    wishes: { failing: true },
    amid: ["kill", "fleet-away", "pause", "cut", "store-away"],
    plant: ({ fleet: { queue } }, planting) =>
      instead(queue.steps, "lose", (usual) => (entry) => {
        const again = entry.begun && entry.attempt > 1 && !entry.ghost;
        usual(entry);
        if (!again || entry.state !== "lost" || !planting.takes()) return;
        queue.store.change(entry, { attempt: 1 });
        planting.broke(entry.job);
      }),
  },
  {
    breaks: "attempts-exact",
    what: "a run that is lost uses up an attempt",
    amid: ["kill", "fleet-away", "pause", "cut", "store-away"],
    plant: ({ fleet: { queue }, world }, planting) =>
      instead(queue.steps, "lose", (usual) => (entry) => {
        const { begun } = entry;
        const isKiller = world.jobs[entry.job]?.failures === killsItsWorker;
        usual(entry);
        if (!begun || isKiller || entry.ghost || !planting.takes()) return;
        queue.store.change(entry, { attempt: entry.attempt + 1 });
        planting.broke(entry.job);
      }),
    // It had failed by then, though nobody heard: a number that fits.
    cameToNothing: ({ life }, job) => life(job).some(({ kind }) => kind === "failed"),
  },
];

/** Cut to a part of it; what is started that early, though there was nobody free until it was due, was not early. */
const cutShort =
  (isIt: (attempt: number) => boolean): Bug["plant"] =>
  ({ fleet: { queue }, dice, world, simulation }, planting) => {
    const cut = new Map<number, { readonly attempt: number; readonly fromMs: number; readonly waitMs: number }>();
    const failedAtMs = new Map<number, number>();
    const sentAtMs = new Map<number, number>();
    instead(queue.steps, "sends", (usual) => (job) => {
      sentAtMs.set(job, simulation.now());
      return usual(job);
    });
    queue.on.over.push((_worker, { entry, attempt }, failed) => {
      const { job } = entry;
      if (failed && !failedAtMs.has(job * 256 + attempt)) failedAtMs.set(job * 256 + attempt, simulation.now());
    });
    instead(queue.steps, "waitMs", (usual) => (entry) => {
      const waitMs = usual(entry);
      if (!isIt(entry.attempt) || waitMs < 100 || !planting.takes()) return waitMs;
      const { job, attempt } = entry;
      const leastMs = attempt === 1 ? waitMs : world.backoffMs * world.terms.backoffFactor ** (attempt - 2);
      // When it got there, nobody knows: its delay counts from when it was sent.
      const fromMs = (attempt === 1 ? sentAtMs.get(job) : failedAtMs.get(job * 256 + attempt - 1)) ?? simulation.now();
      cut.set(job, { attempt, fromMs, waitMs: leastMs });
      return leastMs * dice.within(0, 0.9);
    });
    queue.on.started.push((_worker, { entry, attempt }) => {
      const one = cut.get(entry.job);
      if (one === undefined || one.attempt !== attempt) return;
      cut.delete(entry.job);
      if (simulation.now() - one.fromMs < one.waitMs - 50) planting.broke(entry.job);
    });
  };

const timeBugs: readonly Bug[] = [
  {
    breaks: "retry-not-early",
    what: "a retry does not wait for all of its backoff",
    wishes: { failing: true },
    amid: clocksRight,
    plant: cutShort((attempt) => attempt > 1),
  },
  {
    breaks: "delayed-not-early",
    what: "a delay is cut short",
    wishes: { delays: true },
    amid: clocksRight,
    plant: cutShort((attempt) => attempt === 1),
  },
];

const poisonBugs: readonly Bug[] = [
  {
    breaks: "poison-isolated",
    what: "a job that ends its workers is tried on and on",
    wishes: { killers: 1 },
    amid: [],
    plant: ({ fleet: { queue }, world, dice }, planting) => {
      let more = 0;
      instead(queue.steps, "lose", (usual) => (entry) => {
        const last =
          entry.begun &&
          world.jobs[entry.job]?.failures === killsItsWorker &&
          entry.kills + 1 >= world.terms.poisonAfter;
        if (more === 0 && last && planting.takes()) {
          more = dice.count(1, 3);
          planting.broke(entry.job, () =>
            queue.workers.some(({ process }) =>
              process.silences().some(({ fromMs, toMs }) => toMs - fromMs + slopMs >= world.bounds.giveAwayMs),
            ),
          );
        }
        if (more > 0 && last) {
          more--;
          queue.store.change(entry, { kills: entry.kills - 1 });
        }
        usual(entry);
      });
    },
    isBlind: wasStale,
  },
  {
    breaks: "poison-isolated",
    what: "a job that ends its workers is given up too soon",
    wishes: { killers: 1 },
    amid: [],
    plant: ({ fleet: { queue }, world }, planting) =>
      instead(queue.steps, "lose", (usual) => (entry) => {
        const isKiller = entry.begun && world.jobs[entry.job]?.failures === killsItsWorker;
        const tooSoon = isKiller && entry.kills + 1 < world.terms.poisonAfter;
        if (!tooSoon || !planting.takes()) return usual(entry);
        queue.steps.bury(entry);
        planting.broke(entry.job);
      }),
  },
];

export const attemptBugs: readonly Bug[] = [...countBugs, ...timeBugs, ...poisonBugs];
