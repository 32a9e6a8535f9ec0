/**
 * Writes that tell what a store forgot in a crash. Until it is gone each node is told, over a connection of its own,
 * for how long the fault has been under way. A log has the order of its writes: when the store is back with one of
 * them, all that it had answered before that one was sent is there, too.
 */
import { monotonic, pause } from "../std/clock.ts";
import type { Address } from "./contract.ts";
import { askOnce, openProbe, type Probe } from "./levers/probe.ts";

/** By the life of a server, such as Redis's run id: how long after the fault began its last write was sent, ms. */
export type Kept = Readonly<Record<string, number>>;

/** Of these each node of a cluster takes its share. */
const keys = Array.from({ length: 64 }, (_, place) => `whitewater-canary-${place}`);
const everyMs = 2;

/**
 * Begins when each node has answered a write; one that does not tells nothing later.
 * @param lives of the nodes, in their order
 */
export async function startCanaries(
  nodes: readonly Address[],
  lives: readonly string[],
  stop: AbortSignal,
): Promise<Disposable> {
  const beganNs = monotonic.nowNs();
  const over = new AbortController();
  const until = AbortSignal.any([over.signal, stop]);
  const start = async (node: Address, life: string): Promise<void> => {
    const probe = await openProbe(node);
    const write = (key: string): Promise<string> =>
      probe.ask(`SET ${key} ${life}:${Math.floor((monotonic.nowNs() - beganNs) / 1e6)}`);
    const [key] = await firstTaken(write);
    void goOn(probe, () => write(key), until);
  };
  await Promise.allSettled(nodes.map((node, place) => start(node, lives[place] ?? "")));
  return { [Symbol.dispose]: () => over.abort() };
}

/** The first key that the node does not refuse, and its answer. @throws Error where there is none */
async function firstTaken(ask: (key: string) => Promise<string>): Promise<readonly [key: string, answer: string]> {
  let reason: unknown;
  for (const key of keys) {
    try {
      return [key, await ask(key)];
    } catch (thrown) {
      reason = thrown;
    }
  }
  throw reason;
}

async function goOn(probe: Probe, write: () => Promise<unknown>, until: AbortSignal): Promise<void> {
  using _ = probe;
  try {
    for (; !until.aborted; await pause(monotonic, everyMs, until)) await write();
  } catch {
    // It is gone, or need not be told any more.
  }
}

/** What is found of them, once; a store that forgot that, too, has them again, but of an earlier life. */
export async function takeCanaries(nodes: readonly Address[]): Promise<Kept> {
  const found = await Promise.all(nodes.map(async (node) => await firstTaken((key) => askOnce(node, `GETDEL ${key}`))));
  return Object.fromEntries(
    found.flatMap(([, text]) => {
      const [life, ms] = text.split(":");
      return life === undefined || ms === undefined ? [] : [[life, Number(ms)]];
    }),
  );
}
