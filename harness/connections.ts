/**
 * Looks once a second at whom the processes of the run are connected to, and asks the store how many bytes it took and gave:
 * whether the jobs went where the faults strike and the scanner looks, or past it.
 */
import type { Address, Traffic, TrafficView } from "../chaos/contract.ts";
import { askOnce } from "../chaos/levers/probe.ts";
import type { Connections, ProcessConnections } from "../history/journal.ts";
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
  const seen = new Map<string, ProcessConnections>();
  const bytes = stores.map((store) => bytesOf(store));
  const look = (): void => {
    for (const traffic of view?.all() ?? []) seen.set(traffic.slot, withLook(seen.get(traffic.slot), traffic));
  };
  const ask = (): Promise<unknown> => Promise.all(bytes.map((one) => one.ask()));
  look();
  void ask();
  const looks = beat(everyMs, () => {
    look();
    void ask();
  });
  return {
    async sum() {
      look();
      await ask();
      const sums = bytes.flatMap((one) => one.sum() ?? []);
      const total = (way: "taken" | "given"): number => sums.reduce((soFar, one) => soFar + one[way], 0);
      return {
        store: stores.map(textOf),
        processes: [...seen.values()],
        ...(sums.length > 0 && { bytes: { taken: total("taken"), given: total("given") } }),
      };
    },
    [Symbol.dispose]: () => looks[Symbol.dispose](),
  };
}

/** What was known of a process's slot, and one more look at it. */
export function withLook(before: ProcessConnections | undefined, traffic: Traffic): ProcessConnections {
  const { slot: name, ways, links, direct, strange, elsewhere } = traffic;
  const [role, slot] = name.split(":");
  const past = ways.length > 0 ? [...direct, ...strange] : strange;
  const isConnected = [...direct, ...strange, ...Object.values(links).flat()].length > 0;
  const and = (known: readonly string[] = [], flows: Traffic["direct"]): readonly string[] =>
    [...new Set([...known, ...flows.map(({ remote }) => remote)])].slice(0, fewest);
  return {
    role: role === "producer" ? "producer" : "worker",
    slot: Number(slot),
    links: ways,
    looks: (before?.looks ?? 0) + 1,
    connected: (before?.connected ?? 0) + (isConnected ? 1 : 0),
    past: and(before?.past, past),
    elsewhere: and(before?.elsewhere, elsewhere),
  };
}

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
