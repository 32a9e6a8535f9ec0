/** Processes that do not get over what hit them: that end, that take no more work, that enqueue no more. */
import type { Process } from "../process.ts";
import type { Bug } from "./contract.ts";
import { instead } from "./instead.ts";

/** Between what happens and what is on record of it, and for seconds that count only as a whole. */
const sureMs = 2500;
/** In the second in which it comes back, its starts from before it was hit count, too: it has to be away for longer. */
const wholeSecondMs = 1300;
/** Of so many starts of others it follows that there was work enough. */
const othersLeast = 60;

const producerBugs: readonly Bug[] = [
  {
    breaks: "enqueue-recovers",
    what: "a producer whose store was away is refused from then on",
    wishes: { load: "steady", calm: true },
    amid: ["cut", "deaf", "store-away"],
    plant: ({ fleet, world, simulation }, planting) => {
      const { steps } = fleet.queue;
      let refused: { readonly producer: Process; readonly fromMs: number; readonly after: number } | undefined;
      const jobs = new Set<number>();
      const isKnown = (job: number): boolean => !jobs.has(job) && fleet.queue.store.find(job) !== undefined;
      instead(steps, "enqueue", (usual) => (job) => {
        const producer = fleet.holder(`producer:${job % world.producers}`);
        const times = producer?.silences().length ?? 0;
        // What was carried out before its answer was lost is not refused.
        if (isKnown(job)) return usual(job);
        if (producer !== undefined && times > 0 && refused === undefined && planting.takes())
          refused = { producer, fromMs: simulation.now(), after: times };
        if (producer === undefined || producer !== refused?.producer) return usual(job);
        jobs.add(job);
        const isSure = simulation.now() - refused.fromMs > world.bounds.recoveryMs + sureMs;
        if (isSure && times === refused.after) planting.broke(job);
      });
      instead(steps, "answer", (usual) => (job) => (jobs.has(job) ? "refused" : usual(job)));
    },
  },
];

/** From its return on, it asks for no more work, while the others have enough. */
const takesNoMore: Bug["plant"] = ({ fleet, world, simulation }, planting) => {
  let lazy: Process | undefined;
  let sureAtMs = 0;
  let others = 0;
  const startedAtMs = new Map<Process, number>();
  instead(
    fleet.queue.steps,
    "serves",
    (usual) => (incarnation) => lazy?.incarnation !== incarnation && usual(incarnation),
  );
  fleet.on.returned.push((process) => {
    const silence = process.silences().at(-1);
    if (lazy !== undefined || silence === undefined || silence.toMs - silence.fromMs < wholeSecondMs) return;
    const isSureAtMs = silence.toMs + world.bounds.recoveryMs + sureMs;
    // What it had received it begins once it is back; that is work, too.
    const isAtWork = (startedAtMs.get(process) ?? 0) >= silence.fromMs;
    if (isAtWork || isSureAtMs > 0.7 * world.loadMs || !planting.takes()) return;
    lazy = process;
    sureAtMs = isSureAtMs;
  });
  fleet.on.fellSilent.push((process) => {
    if (process === lazy) sureAtMs = Number.POSITIVE_INFINITY;
  });
  fleet.queue.on.started.push(({ process }) => {
    const now = simulation.now();
    startedAtMs.set(process, now);
    if (process === lazy) sureAtMs = Number.POSITIVE_INFINITY;
    if (lazy === undefined || now < sureAtMs || now > world.loadMs) return;
    if (++others >= othersLeast * (world.workers - 1)) planting.broke(undefined);
  });
};

const workerBugs: readonly Bug[] = [
  {
    breaks: "workers-survive",
    what: "a worker ends by itself",
    plant: ({ fleet, dice }, planting) =>
      fleet.queue.on.started.push(({ process }) => {
        if (!planting.takes()) return;
        process.later(dice.within(0, 20), () => {
          fleet.kill(process, { code: 1, signal: null });
          planting.broke(undefined);
        });
      }),
  },
  {
    breaks: "workers-survive",
    what: "a worker that was hit takes no more work",
    // Nor what others lose, of whom there may be none left; and what these have in line waits beside its free hands.
    related: ["recovery-bound", "progress", "duplicates-explained", "no-premature-reclaim", "spread"],
    wishes: { load: "steady", calm: true, fleet: true },
    amid: ["pause", "cut", "store-away"],
    plant: takesNoMore,
  },
];

export const returnBugs: readonly Bug[] = [...producerBugs, ...workerBugs];
