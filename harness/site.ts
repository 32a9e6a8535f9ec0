/** Where a run takes place: its environment, its namespace, the ways to its store; described before anything begins. */
import { basename } from "node:path";
import { library } from "../catalogues/configuration.ts";
import { connectTo } from "../fleet/adapter/connect.ts";
import { isClock } from "../history/resource.ts";
import type { Connection } from "../systems/contract.ts";
import { commitOf, describe } from "./description.ts";
import { unlessStopped, untilStopped } from "./ends.ts";
import { provideEnvironment, type Environment, type EnvironmentNeed } from "./environment/provide.ts";
import { layLinks, type Paths } from "./links.ts";
import { claimNamespace, expectEmpty, type Namespace } from "./namespace.ts";
import type { Prepared, RunRecord, RunRequest, RunTools } from "./run.ts";
import { write } from "./run-directory.ts";
import type { Flaws } from "./shortfalls.ts";

export interface Site {
  readonly environment: Environment;
  readonly namespace: Namespace;
  readonly paths: Paths;
}

export async function layOut(
  { plan, given }: RunRequest,
  { directory, journal }: RunRecord,
  stop: AbortSignal,
  { told }: RunTools,
  scope: AsyncDisposableStack,
): Promise<Site> {
  const touched = new Set(plan.schedule.flatMap(({ plan: { touches } }) => touches));
  const start = untilStopped(journal, stop);
  const need: EnvironmentNeed = {
    ...given,
    store: plan.definition.store,
    cluster: plan.store === "cluster",
    needsProxy: plan.proxied.length > 0,
    links: plan.proxied.length * 2, // one for each connection role
    needsStore: touched.has("store"),
    clocks: [...touched].filter(isClock),
    journal: start,
    logs: directory.log,
  };
  const laying = (async () => {
    const environment = await provideEnvironment(need, scope);
    const namespace = await claimNamespace(plan.seed, environment.redis, start, scope, told);
    return { environment, namespace, paths: await layLinks(plan, environment) };
  })();
  const site = await unlessStopped(laying, stop, journal);
  start.over();
  return site;
}

export function describeIn(
  { directory, versions }: Prepared,
  { plan, directory: from, repeat = [] }: RunRequest,
  { environment, namespace, paths }: Site,
): void {
  const facts = { id: directory.id, namespace: namespace.name, commit: commitOf(from), repeat };
  const description = describe(facts, plan, environment, paths, versions);
  write(directory, basename(directory.description), `${JSON.stringify(description, null, 2)}\n`);
}

/**
 * Its own direct link: the truth is never learned through one that may be broken. It has seen that nothing is there
 * yet.
 */
export async function openScanner(
  { plan, catalogues, directory }: RunRequest,
  { paths: { direct }, namespace }: Site,
  flaws: Flaws,
  scope: AsyncDisposableStack,
): Promise<Connection> {
  const { patienceMs } = plan.limits;
  const connection = await connectTo(
    catalogues.systems,
    { ...plan, role: "harness", slot: 0, incarnation: 0, links: direct, namespace: namespace.name, patienceMs },
    { load: (name) => library(name, directory).load(), flaw: flaws.tell },
  );
  scope.defer(() => connection[Symbol.asyncDispose]());
  await expectEmpty(connection, namespace, plan.system);
  return connection;
}
