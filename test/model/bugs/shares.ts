/** Priorities that starve or are not heard, and enqueues that wait for what waits. */
import type { Bug } from "./contract.ts";
import { instead } from "./instead.ts";

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
];
