/**
 * From a scenario's trouble and a seed to the faults of this run: what, when, against whom. Pure and logical (slots and
 * milliseconds), so the same seed gives the same schedule byte for byte.
 */
import { z } from "zod";
import type { Fault, Planned, Target } from "../chaos/contract.ts";
import { isClock, slotIn, type Resource } from "../history/resource.ts";
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
/**
 * Rest between two faults that hit everybody: in between somebody has to be there for long enough to see what is late.
 */
const recoverMs = 10_000;
/**
 * Draws for one fault before the whole schedule is drawn anew, and how often that happens before it is called
 * impossible.
 */
const drawsPerFault = 60;
/** Of these so many in which some worker has to be left alone. */
const drawsUncrowded = 40;
const drawsOfAll = 60;
/** Nearly every proof relies on the store: taking it away is as broad as taking so much else. */
const storeBreadth = 10;

/** Where, and how long. */
export interface Stage {
  readonly faults: Readonly<Record<string, Fault>>;
  readonly target: Target;
  readonly seconds: number;
}

/** @throws UserError when the faults do not fit into the time that the scenario gives them */
export function schedule(trouble: Scenario["trouble"], stage: Stage, random: Random): readonly Scheduled[] {
  const wanted = bulkiestFirst(all(trouble, stage), random);
  for (let attempt = 1; attempt <= drawsOfAll; attempt++) {
    const placed = placeAll(wanted, random.fork(String(attempt)), stage.target);
    if (placed !== undefined) return placed.toSorted((a, b) => a.atMs - b.atMs || (a.id < b.id ? -1 : 1));
  }
  throw new UserError(
    `found no way to place the ${wanted.length} faults without two that take hold of the same thing at once: lengthen the load, or ask for fewer or shorter faults`,
  );
}

/** Each of them as it might be drawn, wherever the others are. */
export const sketch = (trouble: Scenario["trouble"], stage: Stage, random: Random): readonly Scheduled[] =>
  all(trouble, stage).map(({ id, draw }) => draw(random.fork(id)));

/** Numbered by kind, also where a scenario asks for a kind twice. */
const all = (trouble: Scenario["trouble"], stage: Stage): readonly Wanted[] =>
  trouble.flatMap((one, index) => {
    const before = trouble.slice(0, index).filter(({ fault }) => fault === one.fault);
    return wantedBy(
      one,
      before.reduce((sum, { times }) => sum + times, 0),
      stage,
    );
  });

interface Wanted {
  readonly id: string;
  draw(random: Random): Scheduled;
}

/** Each of an entry has its own share of the time in which they may come, so that they do not all come at once. */
function wantedBy(
  { fault: name, options, times, between: [from, to] }: Scenario["trouble"][number],
  before: number,
  { faults, target, seconds }: Stage,
): readonly Wanted[] {
  const fault = faults[name];
  if (fault === undefined) {
    throw new UserError(`no fault is called "${name}"; there are: ${Object.keys(faults).join(", ")}`);
  }
  const parsed = fault.options.safeParse(options);
  if (!parsed.success) throw new UserError(`the options of ${name} are wrong: ${z.prettifyError(parsed.error)}`);
  return Array.from({ length: times }, (_, index) => {
    const id = `${name}-${before + index + 1}`;
    return {
      id,
      draw: (random) => ({
        id,
        fault: name,
        atMs: Math.round((from + ((to - from) * (index + random.unit())) / times) * seconds * 1000),
        plan: planned(name, fault.plan(parsed.data, target, random.fork("plan"))),
      }),
    };
  });
}

/** @throws UserError when it is none, as of a fault that no compiler has seen */
function planned(name: string, plan: Planned): Planned {
  const isPlan = planSchema.safeParse(plan).success;
  if (isPlan) return plan;
  throw new UserError(
    `the plan of fault "${name}" must say how long it lasts (lastsMs), what it touches and what it relies on`,
  );
}

const resources = z.array(z.string());
const planSchema = z.object({ lastsMs: z.number().nonnegative(), touches: resources, relies: resources });

/** What is long, or touches much, finds its place while there is room; the small ones fit between. */
function bulkiestFirst(wanted: readonly Wanted[], random: Random): readonly Wanted[] {
  const bulk = ({ id, draw }: Wanted): number => {
    const { lastsMs, touches, relies } = draw(random.fork(`bulk/${id}`)).plan;
    return (lastsMs + restMs) * (touches.includes("store") ? storeBreadth : touches.length + relies.length);
  };
  return wanted
    .map((one) => ({ one, size: bulk(one) }))
    .toSorted((a, b) => b.size - a.size)
    .map(({ one }) => one);
}

function placeAll(wanted: readonly Wanted[], random: Random, target: Target): readonly Scheduled[] | undefined {
  const placed: Scheduled[] = [];
  for (const { id, draw } of wanted) {
    const fits = firstFitting(random.fork(id), draw, placed, target);
    if (fits === undefined) return undefined;
    placed.push(fits);
  }
  return placed;
}

function firstFitting(
  random: Random,
  draw: Wanted["draw"],
  placed: readonly Scheduled[],
  target: Target,
): Scheduled | undefined {
  for (let attempt = 1; attempt <= drawsPerFault; attempt++) {
    const drawn = draw(random.fork(String(attempt)));
    const mayCrowd = attempt > drawsUncrowded;
    if (placed.some((other) => collide(drawn, other, target))) continue;
    if (mayCrowd || leavesOneAlone(drawn, placed, target)) return drawn;
  }
  return undefined;
}

function collide(a: Scheduled, b: Scheduled, target: Target): boolean {
  const hitAll = [a, b].every(({ plan }) => isForAll(plan, target) && plan.unattended !== true);
  return hitAll ? !areApart(a, b, recoverMs) : !areApart(a, b, restMs) && meet(a.plan, b.plan);
}

const areApart = (a: Scheduled, b: Scheduled, ms: number): boolean =>
  a.atMs > b.atMs + b.plan.lastsMs + ms || b.atMs > a.atMs + a.plan.lastsMs + ms;

/** It takes the store, or every worker: nobody is left who would find out what is lost. */
const isForAll = (plan: Planned, { workers }: Target): boolean =>
  plan.touches.includes("store") || workersHit([plan]).size === workers;

/** While it is in force, some worker is hit by nothing, and finds out what the others lost. */
function leavesOneAlone(drawn: Scheduled, placed: readonly Scheduled[], target: Target): boolean {
  if (isForAll(drawn.plan, target)) return true;
  const meanwhile = placed.filter((other) => !areApart(drawn, other, restMs) && !isForAll(other.plan, target));
  return workersHit([drawn, ...meanwhile].map(({ plan }) => plan)).size < target.workers;
}

/** Slots. A bent clock holds nobody up. */
const workersHit = (plans: readonly Planned[]): ReadonlySet<number> =>
  new Set(
    plans.flatMap(({ touches }) =>
      touches.flatMap((one) => {
        const whose = slotIn(one);
        return whose?.role === "worker" && !isClock(one) ? [whose.slot] : [];
      }),
    ),
  );

/** Whether they cannot be in force at the same time. */
export const meet = (a: Planned, b: Planned): boolean =>
  shared(a.touches, [...b.touches, ...b.relies]) || shared(b.touches, a.relies);

const shared = (some: readonly Resource[], others: readonly Resource[]): boolean =>
  some.some((resource) => others.includes(resource));
