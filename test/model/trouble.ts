/**
 * The faults of a model run: drawn apart from each other on the same thing, armed, in force, healed, as the harness
 * would do it.
 */
import type { Effect } from "../../history/effects.ts";
import { mayForgetMs, type JournalEntry } from "../../history/journal.ts";
import type { Resource } from "../../history/resource.ts";
import type { Dice } from "./dice.ts";
import type { Fleet, SlotName } from "./fleet.ts";
import type { Process } from "./process.ts";
import type { Simulation } from "./simulation.ts";
import type { World } from "./world.ts";

export const troubles = [
  "kill",
  "fleet-away",
  "pause",
  "restart",
  "cut",
  "deaf",
  "slow",
  "store-away",
  "store-clock",
  "worker-clock",
] as const;
export type TroubleName = (typeof troubles)[number];

export interface TroublePlan {
  readonly name: TroubleName;
  readonly atMs: number;
  readonly lastsMs: number;
  readonly slots: readonly SlotName[];
  readonly touches: readonly Resource[];
  /** Of what it had answered the store forgets as much; 0 for nothing. */
  readonly forgetsMs: number;
}

const effects: Readonly<Record<TroubleName, Effect>> = {
  kill: "killed",
  "fleet-away": "killed",
  pause: "paused",
  restart: "asked-to-stop",
  cut: "cut-off",
  deaf: "reply-lost",
  slow: "slow",
  "store-away": "store-away",
  "store-clock": "clock-bent",
  "worker-clock": "clock-bent",
};

export interface Wanted {
  readonly times: number;
  readonly names: readonly [TroubleName, ...TroubleName[]];
  readonly forgets: boolean;
}

/** So far the store's clock goes wrong; what is due by it may be that much later. */
export const longestBendMs = 20_000;

/** Rest between two faults that touch the same thing. */
const restMs = 1500;

export function drawTrouble(dice: Dice, world: World, { times, names, forgets }: Wanted): readonly TroublePlan[] {
  const drawn: TroublePlan[] = [];
  for (let n = 0; n < times; n++) {
    const plan = drawOne(dice, world, dice.pick(names), forgets);
    const until = (one: TroublePlan): number => one.atMs + longest(one, world) + restMs;
    const meets = drawn.some(
      (other) =>
        plan.touches.some((one) => other.touches.includes(one)) && plan.atMs < until(other) && other.atMs < until(plan),
    );
    if (!meets) drawn.push(plan);
  }
  return drawn;
}

/** Until somebody else is there. */
const longest = ({ name, lastsMs }: TroublePlan, { terms }: World): number =>
  name === "restart" ? terms.graceMs + 4000 : name === "kill" ? 4000 : lastsMs + 4000;

function drawOne(dice: Dice, world: World, name: TroubleName, forgets: boolean): TroublePlan {
  const { leaseMs } = world.terms;
  const lastsMs = name === "store-clock" ? dice.spread(200, 5000) : dice.spread(20, Math.max(5000, 2.5 * leaseMs));
  const role = dice.chance(0.8) ? "worker" : "producer";
  const slot: SlotName = `${role}:${dice.count(0, world[`${role}s`] - 1)}`;
  const worker: SlotName = `worker:${dice.count(0, world.workers - 1)}`;
  const workers = Array.from({ length: world.workers }, (_, index): SlotName => `worker:${index}`);
  const plan = { name, atMs: dice.within(50, world.loadMs), lastsMs, forgetsMs: 0 };
  switch (name) {
    case "kill":
    case "pause":
      return { ...plan, slots: [slot], touches: [slot] };
    case "restart":
      return { ...plan, slots: [worker], touches: [worker] };
    case "fleet-away":
      return { ...plan, slots: workers, touches: workers };
    case "cut":
    case "deaf":
    case "slow":
      return { ...plan, slots: [slot], touches: [`link:${slot}`] };
    case "store-away":
      return { ...plan, slots: [], touches: ["store"], forgetsMs: forgets ? dice.spread(5, 2000) : 0 };
    case "store-clock":
      return { ...plan, slots: [], touches: ["clock:store"] };
    case "worker-clock":
      return { ...plan, slots: [], touches: [`clock:${worker}`] };
  }
}

export interface Trouble {
  isOver(): boolean;
  /** How many of each were armed. */
  readonly armed: Readonly<Record<string, number>>;
  /** One of them met nobody any more. */
  missed(): boolean;
}

export interface TroubleTools {
  readonly world: World;
  readonly fleet: Fleet;
  readonly simulation: Simulation;
  readonly dice: Dice;
  readonly note: (entry: JournalEntry) => void;
}

export function troubleOf(plans: readonly TroublePlan[], tools: TroubleTools): Trouble {
  const { simulation, note, dice, fleet } = tools;
  const armed: Record<string, number> = {};
  let ahead = plans.length;
  let missed = false;
  for (const plan of plans) {
    simulation.at(plan.atMs, () => {
      const holders = plan.slots.map((slot) => fleet.holder(slot));
      // A fault on somebody who is not there, or not yet at work, is put off for ever.
      if (!holders.every((holder) => holder !== undefined && fleet.isReady(holder))) return void ahead--;
      armed[plan.name] = (armed[plan.name] ?? 0) + 1;
      const id = `${plan.name}-${armed[plan.name]}`;
      note({
        type: "arming",
        id,
        fault: plan.name,
        effect: effects[plan.name],
        touches: plan.touches,
        plan: {},
        handles: {},
      });
      const bit = (facts: Record<string, number>): void => {
        simulation.after(dice.within(0.1, 60), () => note({ type: "armed", id }));
        simulation.after(dice.within(61, 100), () => note({ type: "bit", id, evidence: { proven: true, facts } }));
      };
      const over = (): void =>
        simulation.after(dice.within(101, 300), () => {
          note({ type: "healed", id, evidence: { proven: true, facts: {} } });
          ahead--;
        });
      simulation.after(dice.within(0.1, dice.chance(0.9) ? 20 : 300), () => {
        if (holders.every((holder) => holder?.isAlive())) return strike(plan, tools, bit, over);
        missed = true;
        note({ type: "bit", id, evidence: { proven: false, why: "whom it was to hit was gone" } });
        over();
      });
    });
  }
  return { isOver: () => ahead === 0, armed, missed: () => missed };
}

type Struck = (facts: Record<string, number>) => void;

/** It takes hold, lasts, and lets go; for those that end processes, once there are others. */
// long: a table, one case for each kind of trouble
function strike(
  plan: TroublePlan,
  { fleet, simulation, dice, world: { bounds } }: TroubleTools,
  struck: Struck,
  over: () => void,
): void {
  const { name, slots, lastsMs, forgetsMs } = plan;
  const [slot = "worker:0"] = slots;
  const lasts = (begin: () => void, end: () => void, facts: Record<string, number> = {}): void => {
    begin();
    struck(facts);
    simulation.after(lastsMs, () => {
      end();
      over();
    });
  };
  switch (name) {
    case "kill":
    case "restart":
    case "fleet-away": {
      const holders = slots.flatMap((one) => fleet.holder(one) ?? []);
      for (const one of slots) fleet.keepOut(one);
      for (const holder of holders)
        if (name === "restart") fleet.askToStop(holder);
        else fleet.kill(holder);
      struck({});
      simulation.after(name === "fleet-away" ? lastsMs : 1, () => {
        for (const one of slots) fleet.admit(one);
        whenReplaced(holders, slots, fleet, simulation, over);
      });
      return;
    }
    case "pause": {
      const holder = fleet.holder(slot);
      return lasts(
        () => holder?.hinder("stopped", 1),
        () => holder?.hinder("stopped", -1),
      );
    }
    case "cut": {
      // Its connections are broken one after the other, on a busy machine with some time between them.
      const gradualMs = dice.chance(0.5) ? 0.1 : dice.within(1, 0.9 * bounds.giveAwayMs);
      fleet.hinder(slot, "muted", 1);
      return simulation.after(gradualMs, () =>
        lasts(
          () => {
            fleet.hinder(slot, name, 1);
            fleet.hinder(slot, "muted", -1);
          },
          () => fleet.hinder(slot, name, -1),
        ),
      );
    }
    case "deaf":
    case "slow":
      return lasts(
        () => fleet.hinder(slot, name, 1),
        () => fleet.hinder(slot, name, -1),
      );
    case "store-away":
      return lasts(
        fleet.storeGoes,
        () => fleet.storeReturns(forgetsMs),
        forgetsMs > 0 ? { [mayForgetMs]: forgetsMs } : {},
      );
    case "store-clock": {
      const aheadMs = dice.pick([-1, 1]) * dice.spread(1000, longestBendMs);
      return lasts(
        () => fleet.queue.store.bend(aheadMs),
        () => fleet.queue.store.bend(0),
      );
    }
    case "worker-clock":
      return lasts(
        () => {},
        () => {},
      );
  }
}

function whenReplaced(
  gone: readonly Process[],
  slots: readonly SlotName[],
  fleet: Fleet,
  simulation: Simulation,
  then: () => void,
): void {
  const replaced = slots.every((slot) => {
    const holder = fleet.holder(slot);
    return holder !== undefined && !gone.includes(holder) && fleet.isReady(holder);
  });
  if (replaced) then();
  else simulation.after(50, () => whenReplaced(gone, slots, fleet, simulation, then));
}
