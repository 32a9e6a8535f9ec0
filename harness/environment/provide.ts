/**
 * The environment of a run: a store, and a Toxiproxy where a fault needs one, by whatever way is open on this machine.
 */
import { tmpdir } from "node:os";
import type { Address, Levers, Link, ProxyLever, StoreLever } from "../../chaos/contract.ts";
import { clockLever } from "../../chaos/levers/clock.ts";
import { processLever, type ProcessRegistry } from "../../chaos/levers/process.ts";
import { proxyLever } from "../../chaos/levers/proxy.ts";
import { kernelTells, trafficView } from "../../chaos/levers/traffic.ts";
import type { Journal } from "../../history/journal-file.ts";
import { clockOf, type Resource } from "../../history/resource.ts";
import type { DurabilityProfile } from "../../scenarios/contract.ts";
import { plain, type Json } from "../../std/json.ts";
import { UserError } from "../../std/user-error.ts";
import type { RedisEndpoint } from "./any-redis.ts";
import type { ToxiproxyEndpoint } from "./any-toxiproxy.ts";
import { bendableClocks } from "./clocks.ts";
import { startCluster } from "./cluster.ts";
import { containersOf, type Containers } from "./containers.ts";
import type { Given } from "./contract.ts";
import type { EnvironmentHandles } from "./handles.ts";
import type { HealthSubject } from "./health.ts";
import { diskHealth, memoryHealth } from "./machine-health.ts";
import { proxiedLinks } from "./proxied-links.ts";
import { proxyHealth } from "./proxy-health.ts";
import { redisProviders } from "./redis.ts";
import { storeHealth } from "./store-health.ts";
import { toxiproxyProviders } from "./toxiproxy.ts";
import { expectCluster } from "./unavailable.ts";
import { firstOf, redisServer, toxiproxyServer, type Provided } from "./ways.ts";

/** More than any scenario of the catalogue has. */
const linksElse = 32;

export interface EnvironmentNeed extends Given {
  readonly store: DurabilityProfile;
  /** A fault will touch links, */
  readonly needsProxy: boolean;
  /** this many at most, which are published one by one where Toxiproxy is in a network of its own, */
  readonly links?: number;
  /** or stop the store. */
  readonly needsStore: boolean;
  /** The store is to be a cluster, and not a single server. */
  readonly cluster: boolean;
  /** Those that it will bend, such as `clock:worker:0`. */
  readonly clocks: readonly Resource[];
  readonly journal: Journal;
  /** The file in which the output of a server is kept. */
  logs(name: string): string;
}

export interface Environment {
  readonly redis: Provided<RedisEndpoint>;
  readonly toxiproxy: Provided<ToxiproxyEndpoint> | undefined;
  /** For the result: of each component its version, and where it came from. */
  readonly versions: Readonly<Record<string, string>>;
  readonly providers: Readonly<Record<string, string>>;
  /** A proxied way to the store, or to one node of it, for the process that the resource names. */
  createLink(resource: Resource, role: string, node?: Address): Promise<Link>;
  /** What the run stands on, to be watched; in the directory it keeps its record. */
  subjects(directory: string): readonly HealthSubject[];
  levers(registry: ProcessRegistry): Levers;
  /** What each process in a slot such as `worker:0` needs in its own environment. */
  variablesFor(slot: `${"worker" | "producer"}:${number}`): Readonly<Record<string, string>>;
  /** What another process needs to heal and clean up, as of now. */
  readonly handles: Json;
}

/**
 * Everything that it starts is on file before it begins, and ends with the scope.
 * @throws UserError naming the component, and the ways to provide it
 */
export async function provideEnvironment(need: EnvironmentNeed, scope: AsyncDisposableStack): Promise<Environment> {
  const { journal, logs } = need;
  if (need.cluster) await expectCluster(need);
  expectOwnStore(need);
  const clocks = provideClocks(need, scope);
  const containers = containersOf(journal, scope);
  const variables = clocks?.variablesFor("clock:store") ?? {};
  const terms = { profile: need.store, variables, journal };
  const redis = need.cluster
    ? await startCluster({ ...terms, logs }, scope)
    : await firstOf(
        redisServer,
        redisProviders,
        { ...terms, given: need.redis, containers, log: logs("redis") },
        scope,
      );
  const toxiproxy = need.needsProxy ? await provideToxiproxy(need, redis, containers, scope) : undefined;

  const onFile = (): void => journal.write({ type: "environment", handles: handles() });
  const links = toxiproxy && proxiedLinks(toxiproxy, onFile, scope);
  const proxy = () => toxiproxy && links && { api: toxiproxy.api, links: links.all, own: toxiproxy.own };
  const handles = (): Json => kept({ store: redis.store?.handles(), proxy: proxy(), clocks: clocks?.handles });
  onFile();
  const isTold = await kernelTells(redis.address);

  return {
    redis,
    toxiproxy,
    versions: { redis: redis.version, ...(toxiproxy && { toxiproxy: toxiproxy.version }) },
    providers: { redis: redis.provider, ...(toxiproxy && { toxiproxy: toxiproxy.provider }) },
    async createLink(resource, role, node = redis.address) {
      if (links === undefined) throw new Error("the environment was provided without a Toxiproxy");
      return await links.create(resource, role, node);
    },
    subjects: (directory) => [
      ...storesHealth(redis),
      ...(toxiproxy === undefined ? [] : [proxyHealth(toxiproxy, () => links?.all ?? [])]),
      diskHealth(directory, "record"),
      ...(redis.store === undefined ? [] : [diskHealth(tmpdir(), "data")]),
      memoryHealth(),
    ],
    levers(registry) {
      const handle = proxy();
      const stores = redis.nodes ?? [redis.address];
      const traffic = isTold ? trafficView(registry, { links: links?.all ?? [], stores }) : undefined;
      return {
        proxy: handle === undefined ? noProxy : proxyLever(handle, traffic),
        process: processLever(registry),
        store: { ...(redis.store ?? untouchable(redis)), ...(traffic && { traffic }) },
        clock: clockLever(clocks?.handles ?? noClocks, { store: redis.address, clocks: registry.clocks }),
      };
    },
    variablesFor: (slot) => clocks?.variablesFor(clockOf(slot)) ?? {},
    get handles() {
      return handles();
    },
  };
}

/** @throws UserError where the scenario does what may be done to a store of the run's own alone */
function expectOwnStore({ redis, needsStore, clocks }: EnvironmentNeed): void {
  if (redis === undefined || (!needsStore && !clocks.includes("clock:store"))) return;
  const deed = needsStore ? "stops the store" : "bends the store's clock";
  throw new UserError(
    `this scenario ${deed}, and a run takes hold only of a store that it started itself: leave --redis out, or choose another scenario`,
  );
}

const provideClocks = (
  { clocks, journal }: EnvironmentNeed,
  scope: AsyncDisposableStack,
): ReturnType<typeof bendableClocks> | undefined =>
  clocks.length === 0
    ? undefined
    : bendableClocks(clocks, (made) => journal.write({ type: "environment", handles: kept({ clocks: made }) }), scope);

const provideToxiproxy = (
  { toxiproxy, toxiproxyPorts, toxiproxyRedis, links = linksElse, journal, logs }: EnvironmentNeed,
  store: RedisEndpoint,
  containers: Containers,
  scope: AsyncDisposableStack,
): Promise<Provided<ToxiproxyEndpoint>> =>
  firstOf(
    toxiproxyServer,
    toxiproxyProviders,
    {
      given: toxiproxy,
      ports: toxiproxyPorts,
      upstream: toxiproxyRedis,
      store,
      links,
      journal,
      containers,
      log: logs("toxiproxy"),
    },
    scope,
  );

const storesHealth = ({ address, nodes = [address], store }: RedisEndpoint): readonly HealthSubject[] =>
  nodes.map((node) =>
    storeHealth(
      node,
      store?.servers.find((server) => server.address.port === node.port),
    ),
  );

const noClocks = { directory: "", resources: [] };

const kept = (handles: { readonly [Name in keyof EnvironmentHandles]?: EnvironmentHandles[Name] | undefined }): Json =>
  plain(handles);

const refused = (why: string) => (): Promise<never> => Promise.reject(new Error(why));

const without = refused("the environment was provided without a Toxiproxy");
const noProxy: ProxyLever = {
  links: () => [],
  cut: without,
  put: without,
  reopen: without,
  lift: without,
  restore: without,
};

const stranger = refused("the store is not the run's own");
const untouchable = ({ address }: RedisEndpoint): StoreLever => ({
  address,
  nodes: [address],
  stop: stranger,
  start: stranger,
  answers: stranger,
});
