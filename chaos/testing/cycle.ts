/**
 * One fault from its plan to the proof that it is over, on real levers and without a queue: a store, proxied links and
 * processes in slots of its own, as far as the fault needs them.
 *
 *   const { bit, healed } = await faultCycle(flood, { options: { lastsMs: [500, 500] } });
 */
import { isDeepStrictEqual } from "node:util";
import type { Environment } from "../../harness/environment/provide.ts";
import { readHandles } from "../../harness/environment/handles.ts";
import { nobody, scratchRun } from "../../harness/environment/testing/scratch-run.ts";
import type { Evidence } from "../../history/journal.ts";
import { clockOf, linkOf, slotOf, type Resource } from "../../history/resource.ts";
import { within } from "../../std/deadline.ts";
import type { Json } from "../../std/json.ts";
import { seeded } from "../../std/random.ts";
import type { Address, Fault, LeverName, Levers, Planned, Target } from "../contract.ts";
import { askOnce } from "../levers/probe.ts";
import { proxyLever } from "../levers/proxy.ts";
import { storeLever } from "../levers/store.ts";
import { keepSlots } from "./slots.ts";

export interface CycleTerms {
  /** Of the fault, over its defaults. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** The same one gives the same plan. */
  readonly seed?: string;
  /** Whom the plan may choose from. */
  readonly target?: Target;
  /** Hands over others in the place of the real ones: what they do not do must not be proven. */
  levers?(real: Levers): Levers;
  /** For each step. */
  readonly deadlineMs?: number;
}

type Facts = Readonly<Record<string, Json>>;

export interface Cycle<Plan> {
  readonly plan: Plan;
  /** What the proof that it bit says, and the proof that it is over. */
  readonly bit: Facts;
  readonly healed: Facts;
}

/**
 * Plans twice, arms, and asks for the proof that it bit; heals, and heals once more with what another process has:
 * levers that are made from the handles. Nobody is connected, so there is nobody for the fault to `meet`.
 * @throws Error that says which step was not as it should be
 */
export async function faultCycle<Options, Plan extends Planned, Needs extends LeverName>(
  fault: Fault<Options, Plan, Needs>,
  {
    options = {},
    seed = "cycle",
    target = { workers: 2, producers: 1 },
    deadlineMs = 120_000,
    ...terms
  }: CycleTerms = {},
): Promise<Cycle<Plan>> {
  const plan = planned(fault, fault.options.parse(options), target, seed);
  await using scope = new AsyncDisposableStack();
  const { environment, real, ways } = await staged(fault, target, scope);
  const levers = terms.levers?.(real) ?? real;
  const step = <T>(what: string, does: (stop: AbortSignal) => Promise<T>): Promise<T> =>
    within(does(AbortSignal.timeout(deadlineMs)), deadlineMs + 5000, what);

  const bite = await step("the fault to be armed", (stop) => fault.arm(plan, levers, stop));
  const bit = factsOf(await step("proof that it bit", bite), "it is not proven that the fault bit");
  const heal = (by: Levers): Promise<Evidence> => step("proof that it is over", (stop) => fault.heal(plan, by, stop));
  const healed = factsOf(await heal(levers), "it is not proven that the fault is over");
  factsOf(await heal(rebuilt(environment, levers)), "healed again, by levers that were made from the handles alone");
  await wellAgain(ways);
  return { plan, bit, healed };
}

function planned<Options, Plan extends Planned, Needs extends LeverName>(
  fault: Fault<Options, Plan, Needs>,
  options: Options,
  target: Target,
  seed: string,
): Plan {
  const plan = fault.plan(options, target, seeded(seed));
  const again = fault.plan(options, target, seeded(seed));
  const [first, second] = [JSON.stringify(plan), JSON.stringify(again)];
  if (first !== second) throw new Error(`one seed gave two plans: ${first} and ${second}. Draw from \`random\` alone`);
  if (!isDeepStrictEqual(JSON.parse(first), plan))
    throw new Error(`the plan is not plain data, and could not be read from the journal: ${first}`);
  if (plan.touches.length === 0) throw new Error("the plan touches nothing: say which resources it takes hold of");
  if (!(plan.lastsMs > 0)) throw new Error(`lastsMs of a plan must be more than 0, got ${plan.lastsMs}`);
  return plan;
}

interface Stage {
  readonly environment: Environment;
  readonly real: Levers;
  /** To the store: directly, and by every link. */
  readonly ways: readonly Address[];
}

/** What it needs, and no more: a fault finds links of all, and someone in each slot. */
async function staged(
  { needs }: Pick<Fault, "needs">,
  { workers, producers }: Target,
  scope: AsyncDisposableStack,
): Promise<Stage> {
  const [needsProxy, needsStore, needsClock] = [
    needs.includes("proxy"),
    needs.includes("store"),
    needs.includes("clock"),
  ];
  const slots = [
    ...Array.from({ length: workers }, (_, slot) => slotOf("worker", slot)),
    ...Array.from({ length: producers }, (_, slot) => slotOf("producer", slot)),
  ];
  const clocks: readonly Resource[] = needsClock ? ["clock:store", ...slots.map(clockOf)] : [];
  const run = scope.use(await scratchRun());
  const environment = await run.provide({ needsProxy, needsStore, clocks });
  const ways = [environment.redis.address];
  if (needsProxy)
    for (const slot of slots)
      for (const role of ["commands", "blocking"]) ways.push((await environment.createLink(linkOf(slot), role)).listen);
  if (!needs.includes("process") && !needsClock) return { environment, real: environment.levers(nobody), ways };
  const kept = scope.use(keepSlots(slots, { variables: environment.variablesFor }));
  const before = { identity: { pid: 0, startedAt: "" }, incarnation: 0, ready: false };
  await Promise.all(slots.map((slot) => kept.replacement(slot, before, new AbortController().signal)));
  return { environment, real: environment.levers(kept), ways };
}

function factsOf(evidence: Evidence, otherwise: string): Facts {
  if (!evidence.proven) throw new Error(`${otherwise}: ${evidence.why}`);
  return evidence.facts;
}

/** Those of processes and of their clocks are the supervisor's alone. */
function rebuilt(environment: Environment, own: Levers): Levers {
  const { proxy, store } = readHandles(JSON.parse(JSON.stringify(environment.handles)));
  const known = (): never => {
    throw new Error("the store was healed before: nothing is to be started");
  };
  return {
    ...own,
    ...(proxy && { proxy: proxyLever(proxy) }),
    ...(store && "command" in store && { store: storeLever(store, known) }),
  };
}

/** Whatever the proof looked at: the store takes writes again, and each link leads to it. */
async function wellAgain(ways: readonly Address[]): Promise<void> {
  for (const way of ways) {
    const answer = await askOnce(way, "SET whitewater:cycle 1 EX 60").catch(String);
    if (answer !== "+OK") throw new Error(`the fault is over by its own proof, but a write was answered ${answer}`);
  }
}
