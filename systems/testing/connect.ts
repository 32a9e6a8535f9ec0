/** A connection of a system to a test's own store, with the client libraries of this repository. */
import { textOf } from "../../std/address.ts";
import type { Address, Connection, Context, Delivery, Place, Settlement, System, Way } from "../contract.ts";

export interface TestConnection {
  readonly namespace?: string;
  readonly name: string;
  /** Of the system's profiles; its defaults otherwise. */
  readonly profile?: string;
  /** Instead of a profile. */
  readonly settings?: unknown;
  readonly retries?: { readonly attempts: number; readonly backoffMs: number };
  readonly priorities?: Readonly<Record<string, number>>;
  /** Default: this repository's. */
  readonly load?: Context["load"];
}

export function connectTest(system: System, { host, port, nodes }: Way, own: TestConnection): Promise<Connection> {
  const way: Way = { host, port, ...(nodes && { nodes }) };
  return system.connect(
    {
      links: { commands: way, blocking: way },
      role: "producer",
      namespace: own.namespace ?? "test",
      name: own.name,
      retries: own.retries ?? { attempts: 3, backoffMs: 100 },
      ...(own.priorities === undefined ? {} : { priorities: own.priorities }),
      load: own.load ?? ((packageName) => import(packageName)),
    },
    own.settings ?? settingsOf(system, own.profile ?? ""),
  );
}

/** To all masters of a cluster, each by the address that the cluster itself tells. */
export function clusterWay(masters: readonly Address[]): Way {
  const addresses = masters.map(({ host, port }) => ({ host, port }));
  const [first] = addresses;
  if (first === undefined) throw new Error("a cluster has a master");
  return { ...first, nodes: Object.fromEntries(addresses.map((address) => [textOf(address), address])) };
}

export const settingsOf = (system: System, profile: string): unknown =>
  system.profiles[profile] ?? system.options.parse({});

/** The profile whose lost work is found again soonest: tests should not wait longer than they must. */
export function quickestProfile(system: System): string {
  const recoveryMs = (name: string): number => system.bounds(settingsOf(system, name)).recoveryMs;
  return Object.keys(system.profiles).toSorted((a, b) => recoveryMs(a) - recoveryMs(b))[0] ?? "";
}

export interface Working {
  readonly deliveries: readonly Delivery[];
  readonly settlements: readonly { readonly delivery: Delivery; readonly settlement: Settlement }[];
  stop(): Promise<void>;
}

/** Works in this process until it is stopped, and remembers what happened. */
export function working(
  connection: Connection,
  handle: (delivery: Delivery) => Promise<void> | void = () => {},
  concurrency = 10,
): Working {
  const deliveries: Delivery[] = [];
  const settlements: { delivery: Delivery; settlement: Settlement }[] = [];
  const stopping = new AbortController();
  const ended = connection.work(
    {
      concurrency,
      handle: async (delivery) => {
        deliveries.push(delivery);
        await handle(delivery);
      },
      settled: (delivery, settlement) => settlements.push({ delivery, settlement }),
    },
    stopping.signal,
  );
  return {
    deliveries,
    settlements,
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

export async function placesOf(connection: Connection): Promise<readonly Place[]> {
  const found: Place[] = [];
  for await (const place of connection.scan()) found.push(place);
  return found;
}

export const jobs = (count: number, name = "job"): readonly { readonly payload: string }[] =>
  Array.from({ length: count }, (_, n) => ({ payload: `${name} ${n} "ünï©ode" \\ \n` }));
