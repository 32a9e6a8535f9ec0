/**
 * What every system must do, as cases for any test runner. What is not as it should be is an Error that says what was
 * expected and what was found.
 *
 *   for (const { name, run } of systemContract(new URL("./orders.ts", import.meta.url))) test(name, run);
 */
import { randomUUID } from "node:crypto";
import { scratchRun } from "../../harness/environment/testing/scratch-run.ts";
import type { System, Way } from "../contract.ts";
import { acts, type Act } from "./acts.ts";
import { clusterWay, connectTest, quickestProfile, settingsOf } from "./connect.ts";
import { loadSystem } from "./load-system.ts";

export interface Case {
  readonly name: string;
  /** Takes as long as the system may take to recover, and up to a minute more on a busy machine. */
  run(context?: Skipping): Promise<void>;
}

/** What test runners hand to a test, as far as it is used: what the system does not offer is skipped, and says so. */
export interface Skipping {
  skip(why: string): void;
}

export interface ContractTerms {
  /** The system's defaults, and its quickest profile for recovery, unless it is said. */
  readonly settings?: unknown;
  /** A way to a store of that kind, in which keys are left. Default: one that each case starts and ends. */
  store?(kind: System["store"]): Way;
}

/** @param module whose default export is the system: a URL, since a worker of its own loads it, too, and is killed */
export const systemContract = (module: URL | string, terms: ContractTerms = {}): readonly Case[] =>
  Object.entries(acts).map(([name, act]) => ({
    name,
    async run(context) {
      const { system, load } = await loadSystem(String(module));
      const lacks = lackOf(system, act.needs);
      if (lacks !== undefined) return context?.skip(lacks);
      await using scope = new AsyncDisposableStack();
      const store = terms.store?.(system.store) ?? (await startStore(system, scope));
      const settings = terms.settings ?? settingsOf(system, act.quick === true ? quickestProfile(system) : "");
      const namespace = `contract-${randomUUID()}`;
      const stage = { module: String(module), system, load, store, settings, namespace };
      const connection = await connectTest(system, store, { name: "first", ...stage, ...act.terms });
      scope.use(connection);
      await act.does(connection, stage);
    },
  }));

const lackOf = (system: System, needs: Act["needs"]): string | undefined =>
  needs === undefined || system[needs] ? undefined : `this system has no ${needs}`;

async function startStore({ store }: System, scope: AsyncDisposableStack): Promise<Way> {
  const run = scope.use(await scratchRun());
  const { redis } = await run.provide({ cluster: store === "cluster" });
  return redis.nodes === undefined ? redis.address : clusterWay(redis.nodes);
}
