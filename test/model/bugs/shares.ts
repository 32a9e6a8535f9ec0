/** Priorities that starve or are not heard, enqueues that wait for what waits, and one worker that takes it all. */
import type { Bug } from "./contract.ts";
import { instead } from "./instead.ts";
import type { Entry } from "../store.ts";
import type { Worker } from "../worker.ts";

export const shareBugs: readonly Bug[] = [
  {
    breaks: "no-starvation",
    what: "one priority is not served for a while",
    related: ["priority-honoured"],
    wishes: { load: "shares", calm: true },
    amid: [],
    plant: ({ fleet: { queue }, simulation, dice, world }, planting) => {
      let starves = false;
      let began = false;
      const starved = dice.count(1, 2);
      instead(queue.steps, "weight", (usual) => (priority) => {
        if (!began && simulation.now() > 600 && priority === starved && planting.takes()) {
          began = true;
          starves = true;
          const of = (which: number): number =>
            queue.store.waiting().filter((entry) => entry.priority === which).length;
          simulation.after(world.bounds.recoveryMs + dice.within(2100, 2500), () => {
            starves = false;
            if (of(starved) > 0 && of(3 - starved) > 0) planting.broke(undefined);
          });
        }
        return priority === starved && starves ? 0 : usual(priority);
      });
    },
  },
  {
    breaks: "priority-honoured",
    what: "the weights of priorities are turned round",
    wishes: { load: "shares", calm: true },
    amid: [],
    plant: ({ fleet: { queue }, world }, planting) => {
      if (!planting.takes()) return;
      const most = Math.max(...world.priorities.map(({ weight }) => weight));
      const slighted = world.priorities.findIndex(({ weight }) => weight === most) + 1;
      instead(queue.steps, "weight", (usual) => (priority) => (priority === slighted ? 0.15 : 1) * usual(priority));
      planting.broke(undefined);
    },
  },
  {
    breaks: "enqueue-unhindered",
    what: "an enqueue waits for what waits",
    wishes: { load: "crowd", calm: true },
    amid: [],
    plant: ({ fleet: { queue }, dice }, planting) => {
      if (!planting.takes()) return;
      const perJobMs = dice.spread(0.2, 1);
      instead(queue.steps, "enqueueMs", () => () => queue.store.waiting().length * perJobMs);
      planting.broke(undefined);
    },
  },
  {
    breaks: "spread",
    what: "a worker takes all that waits, though its hands are full",
    wishes: { load: "crowd", calm: true, fleet: true },
    amid: [],
    plant: ({ fleet: { queue }, simulation, world }, planting) => {
      let hoarder: Worker | undefined;
      const hoard = new Set<Entry>();
      let idleSeconds = 0;
      const busy = new Set<Worker>();
      const isIdle = (one: Worker): boolean => one.takes() && one.freeHands() === world.concurrency;
      instead(
        queue.steps,
        "keepsMs",
        (usual) => (incarnation) =>
          incarnation === hoarder?.process.incarnation ? Number.POSITIVE_INFINITY : usual(incarnation),
      );
      queue.on.started.push((worker, { entry }) => {
        busy.add(worker);
        // In whole seconds of the run, of which the first and the last are not counted.
        if (hoard.delete(entry) && (idleSeconds - 1) * 1000 > world.bounds.startMs + world.bounds.retryMs)
          planting.broke(entry.job);
      });
      const look = (): void => {
        const others = queue.workers.filter((one) => one !== hoarder && isIdle(one) && !busy.has(one));
        if (others.length > 0 && hoarder?.freeHands() === 0) idleSeconds++;
        busy.clear();
        for (const one of queue.workers) if (!isIdle(one)) busy.add(one);
        if (hoard.size > 0) simulation.after(1000, look);
      };
      // Just after the crowd has come.
      simulation.at(5300, () => {
        hoarder = queue.workers.find((one) => one.takes() && one.freeHands() === 0);
        if (hoarder === undefined || !planting.takes()) return;
        for (const entry of queue.store.waiting().slice()) {
          hoard.add(entry);
          hoarder.receive(entry);
        }
        simulation.at(6000, look);
      });
    },
  },
];
