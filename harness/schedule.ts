/**
 * From a scenario's trouble and a seed to the faults of this run: what, when, against whom. Pure and logical (slots and
 * milliseconds), so the same seed gives the same schedule byte for byte.
 */
import type { Fault, Planned, Target } from "../chaos/contract.ts";
import type { Resource } from "../history/journal.ts";
import type { Scenario } from "../scenarios/contract.ts";
import type { Random } from "../std/random.ts";
import { UserError } from "../std/user-error.ts";

export interface Scheduled {
  readonly id: string;
  readonly fault: string;
  /** Milliseconds after the start of the load. */
  readonly atMs: number;
  readonly plan: Planned;
}

/** Rest between two faults that touch the same thing: the time for clients to be back and in use again. */
const restMs = 1500;
/** Draws before a crowded schedule is called impossible. */
const tries = 400;

/** @throws UserError when the faults do not fit into the time that the scenario gives them */
export function schedule(
  scenario: Scenario,
  faults: Readonly<Record<string, Fault>>,
  target: Target,
  seconds: number,
  random: Random,
): readonly Scheduled[] {
  const placed: Scheduled[] = [];
  for (const trouble of scenario.trouble) {
    const fault = faults[trouble.fault];
    if (fault === undefined)
      throw new UserError(`no fault is called "${trouble.fault}"; there are: ${Object.keys(faults).join(", ")}`);
    const options = fault.options.parse(trouble.options);
    const [from, to] = trouble.between;
    for (let time = 1; time <= trouble.times; time++) {
      const chance = random.fork(`${trouble.fault}/${time}`);
      placed.push(
        place(
          { id: `${trouble.fault}-${time}`, fault: trouble.fault },
          (draw) => ({
            atMs: Math.round((from + (to - from) * ((time - 1 + draw.unit()) / trouble.times)) * seconds * 1000),
            plan: fault.plan(options, target, draw.fork("plan")),
          }),
          placed,
          chance,
        ),
      );
    }
  }
  return placed.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
}

type Draw = (random: Random) => { readonly atMs: number; readonly plan: Planned };

function place(
  name: Pick<Scheduled, "id" | "fault">,
  draw: Draw,
  placed: readonly Scheduled[],
  random: Random,
): Scheduled {
  for (let attempt = 0; attempt < tries; attempt++) {
    const drawn = { ...name, ...draw(random.fork(String(attempt))) };
    if (!placed.some((other) => collide(drawn, other))) return drawn;
  }
  throw new UserError(
    `the faults do not fit: found no place for ${name.id}; lengthen the load, or ask for fewer or shorter faults`,
  );
}

const collide = (a: Scheduled, b: Scheduled): boolean => {
  const apart = a.atMs > b.atMs + b.plan.lastsMs + restMs || b.atMs > a.atMs + a.plan.lastsMs + restMs;
  return !apart && (meet(a.plan.touches, [...b.plan.touches, ...b.plan.relies]) || meet(b.plan.touches, a.plan.relies));
};

const meet = (some: readonly Resource[], others: readonly Resource[]): boolean =>
  some.some((resource) => others.includes(resource));
