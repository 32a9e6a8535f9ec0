/** What all faults on a worker's links have in common: whom they hit, the connections opened before, and the way back. */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Evidence, Resource } from "../history/journal.ts";
import { eventually } from "../std/deadline.ts";
import type { Json } from "../std/json.ts";
import type { Random } from "../std/random.ts";
import type { Address, Bite, Link, Planned, ProxyLever, Target } from "./contract.ts";
import { drawLasting, lastsMs } from "./lasting.ts";
import { askOnce, openProbe, type Probe } from "./levers/probe.ts";
import { bitMs, healedMs, prove } from "./proof.ts";

export const linkOptions = z.strictObject({ lastsMs });
export type LinkOptions = z.infer<typeof linkOptions>;

export interface LinkPlan extends Planned {
  readonly touches: readonly [Resource];
}

export const planOnLinks = (options: LinkOptions, { workers }: Target, random: Random): LinkPlan => ({
  lastsMs: drawLasting(options.lastsMs, random),
  touches: [`link:worker:${random.fork("worker").below(workers)}`],
  relies: ["store"],
});

/** What is in force on a link. */
export interface Trouble {
  begin(link: Link): Promise<void>;
  /** What a connection that was open before, and new ones, go through. @throws Error when it is not what the fault does */
  witness(link: Link, before: Probe, stop: AbortSignal): Promise<Json>;
}

/** Opens a connection through each link, puts the fault in force, and returns what gathers the proof. */
export async function armLinks(plan: LinkPlan, lever: ProxyLever, trouble: Trouble, stop: AbortSignal): Promise<Bite> {
  using scope = new DisposableStack();
  const links = linksOf(plan, lever);
  const before = new Map<Link, Probe>();
  for (const link of links) before.set(link, scope.use(await openWhole(link, stop)));
  for (const link of links) await trouble.begin(link);
  const probes = scope.move();
  return async (stopped) => {
    try {
      return await prove(
        async () => ({
          links: Object.fromEntries(
            await Promise.all(
              [...before].map(async ([link, probe]) => [link.name, await trouble.witness(link, probe, stopped)]),
            ),
          ),
        }),
        bitMs(plan.lastsMs),
        stopped,
      );
    } finally {
      probes.dispose();
    }
  };
}

/** Restores every link, and proves each whole by what a fresh connection writes and the store then holds. */
export async function healLinks(plan: LinkPlan, lever: ProxyLever, stop: AbortSignal): Promise<Evidence> {
  const links = linksOf(plan, lever);
  const restore = async () => {
    await Promise.all(links.map((link) => lever.restore(link)));
    return {};
  };
  const restored = await prove(restore, healedMs, stop);
  if (!restored.proven) return restored;
  const check = async () => {
    await Promise.all(links.map(proveWhole));
    return { links: links.map(({ name }) => name), increments };
  };
  return await prove(check, healedMs, stop);
}

/** What the store says on a connection that no fault on a link touches. */
export const directly = ({ upstream }: Link, command: string): Promise<string> => askOnce(upstream, command);

/** Lends a key that nobody else has, and removes it. */
export async function withKey<T>(store: Address, work: (key: string) => Promise<T>): Promise<T> {
  const key = `whitewater:probe:${randomUUID()}`;
  const done = await work(key).catch(async (thrown: unknown) => {
    await askOnce(store, `DEL ${key}`).catch(() => {}); // the first error says more
    throw thrown;
  });
  await askOnce(store, `DEL ${key}`);
  return done;
}

function linksOf({ touches }: LinkPlan, lever: ProxyLever): readonly Link[] {
  const links = touches.flatMap((resource) => lever.links(resource));
  if (links.length === 0) throw new Error(`no link of this run belongs to ${touches.join(", ")}`);
  return links;
}

/** A connection through the link that has answered. */
const openWhole = (link: Link, stop: AbortSignal): Promise<Probe> =>
  eventually(
    async () => {
      const probe = await openProbe(link.listen).catch(() => undefined);
      if (probe === undefined || (await probe.ask("PING").catch(() => "")) === "+PONG") return probe;
      probe[Symbol.dispose]();
      return undefined;
    },
    { deadlineMs: healedMs, awaited: `the link ${link.name} to be whole before the fault`, stop },
  );

const increments = 5;

async function proveWhole(link: Link): Promise<void> {
  using fresh = await openProbe(link.listen);
  await withKey(link.upstream, async (key) => {
    for (let n = 1; n <= increments; n++) await fresh.ask(`INCR ${key}`);
    const held = await directly(link, `GET ${key}`);
    if (held !== String(increments))
      throw new Error(`${link.name}: the store holds ${held} of ${increments} increments`);
  });
}
