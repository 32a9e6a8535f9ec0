/**
 * Looks once a second at whom the processes of the run are connected to, and asks the store how many bytes it took and
 * gave: whether the jobs went where the faults strike and the scanner looks, or past it.
 */
import type { Address, Bytes, Flow, Traffic, TrafficView } from "../chaos/contract.ts";
import { askOnce } from "../chaos/levers/probe.ts";
import type { Connections, ProcessConnections } from "../history/journal.ts";
import { slotIn } from "../history/resource.ts";
import { textOf } from "../std/address.ts";
import { within } from "../std/deadline.ts";
import { beat } from "../std/turn.ts";

const everyMs = 1000;
const answerMs = 2000;

export interface ConnectionsWatch extends Disposable {
  /** Looks and asks once more, and adds up. */
  sum(): Promise<Connections>;
}

export function watchConnections(view: TrafficView | undefined, stores: readonly Address[]): ConnectionsWatch {
  const seen = new Map<string, Seen>();
  const bytes = stores.map((store) => bytesOf(store));
  const look = async (): Promise<void> => {
    const all = view?.all() ?? [];
    const carried = await view?.bytes();
    for (const traffic of all) seen.set(traffic.slot, withLook(seen.get(traffic.slot), traffic, carried));
  };
  let underWay: Promise<unknown> | undefined;
  const ask = (): Promise<unknown> =>
    (underWay ??= Promise.all([look(), ...bytes.map((one) => one.ask())]).finally(() => (underWay = undefined)));
  void ask();
  const looks = beat(everyMs, () => void ask());
  return {
    async sum() {
      await underWay;
      await ask();
      const sums = bytes.flatMap((one) => one.sum() ?? []);
      const total = (way: "taken" | "given"): number => sums.reduce((soFar, one) => soFar + one[way], 0);
      return {
        store: stores.map(textOf),
        processes: [...seen.values()].map(({ last: _last, ...told }) => told),
        ...(sums.length > 0 && { bytes: { taken: total("taken"), given: total("given") } }),
      };
    },
    [Symbol.dispose]: () => looks[Symbol.dispose](),
  };
}

/** With what each connection that was open at the last look had carried by then. */
interface Seen extends ProcessConnections {
  readonly last: ReadonlyMap<string, Bytes>;
}

/** What was known of a process's slot, and one more look at it. */
export function withLook(before: Seen | undefined, traffic: Traffic, carried?: ReadonlyMap<string, Bytes>): Seen {
  const { slot: name, ways, links, direct, strange, elsewhere } = traffic;
  const { role, slot = 0 } = slotIn(name) ?? {};
  const toStore = [...direct, ...strange, ...Object.values(links).flat()];
  const and = (known: readonly string[] = [], flows: readonly Flow[]): readonly string[] =>
    [...new Set([...known, ...flows.map(({ remote }) => remote)])].slice(0, fewest);
  const last = new Map<string, Bytes>();
  const since = (flows: readonly Flow[]): Bytes =>
    flows.reduce((sum, { inode }) => {
      const now = carried?.get(inode);
      if (now === undefined) return sum; // it has ended meanwhile
      last.set(inode, now);
      const { sent, received } = before?.last.get(inode) ?? nothing;
      return { sent: sum.sent + now.sent - sent, received: sum.received + now.received - received };
    }, nothing);
  const [own, others] = [since(toStore), since(elsewhere)];
  const known = before?.bytes ?? { ...nothing, elsewhere: 0 };
  return {
    role: role === "producer" ? "producer" : "worker",
    slot,
    links: ways,
    looks: (before?.looks ?? 0) + 1,
    connected: (before?.connected ?? 0) + (toStore.length > 0 ? 1 : 0),
    past: and(before?.past, ways.length > 0 ? [...direct, ...strange] : strange),
    elsewhere: and(before?.elsewhere, elsewhere),
    ...(carried !== undefined && {
      bytes: {
        sent: known.sent + own.sent,
        received: known.received + own.received,
        elsewhere: known.elsewhere + others.sent + others.received,
      },
    }),
    last,
  };
}

const nothing: Bytes = { sent: 0, received: 0 };

/** Of addresses as many are kept as anybody reads. */
const fewest = 8;

interface Count {
  readonly taken: number;
  readonly given: number;
}

/** One question at a time; a server that was started again counts from zero. */
function bytesOf(store: Address): { ask(): Promise<void>; sum(): Count | undefined } {
  let last: Count | undefined;
  let all: Count = { taken: 0, given: 0 };
  let underWay: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    const now = countIn(await within(askOnce(store, "INFO stats"), answerMs, "its counts").catch(() => ""));
    if (now === undefined) return;
    const since = (way: keyof Count): number =>
      last !== undefined && last[way] <= now[way] ? now[way] - last[way] : now[way];
    if (last !== undefined) all = { taken: all.taken + since("taken"), given: all.given + since("given") };
    last = now;
  };
  return {
    ask: () => (underWay ??= ask().finally(() => (underWay = undefined))),
    sum: () => (last === undefined ? undefined : all),
  };
}

function countIn(info: string): Count | undefined {
  const read = (field: string): number => Number(new RegExp(`^${field}:(\\d+)`, "m").exec(info)?.[1]);
  const count = { taken: read("total_net_input_bytes"), given: read("total_net_output_bytes") };
  return Number.isNaN(count.taken + count.given) ? undefined : count;
}
