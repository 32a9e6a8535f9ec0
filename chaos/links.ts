/**
 * What all faults on a process's links have in common: whom they hit, the connections opened before, and the way back.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Evidence } from "../history/journal.ts";
import { linkOf, type Resource } from "../history/resource.ts";
import { eventually } from "../std/deadline.ts";
import type { Json } from "../std/json.ts";
import type { Random } from "../std/random.ts";
import { messageOf } from "../std/user-error.ts";
import type { Address, Bite, Fault, Link, Planned, ProxyLever } from "./contract.ts";
import { drawLasting, lastsMs } from "./lasting.ts";
import { askOnce, openProbe, refusal, type Probe } from "./levers/probe.ts";
import { expectEnded, expectNoBypass, expectUnheard, factsOf, meetOnLinks } from "./meeting.ts";
import { bitMs, healedMs, prove, together } from "./proof.ts";
import { drawSlot } from "./slots.ts";

/** What every fault on links can be told; most know nothing more. */
export const linkOptions = z.strictObject({
  lastsMs,
  of: z.enum(["worker", "producer"]).default("worker").describe("whose links: of one worker, or of one producer"),
});
type LinkOptions = z.infer<typeof linkOptions>;

export interface LinkPlan extends Planned {
  readonly touches: readonly [Resource];
}

/** What is done to each link, and how it shows. */
export interface LinkTrouble {
  /** Before the connections that witness the beginning are looked for, if anything has to be. */
  prepare?(resource: Resource, links: readonly Link[], lever: ProxyLever, stop: AbortSignal): Promise<void>;
  begin(link: Link, lever: ProxyLever): Promise<void>;
  /**
   * What a connection that was open before, and new ones, go through. @throws Error when it is not what the fault does
   */
  witness(link: Link, before: Probe, stop: AbortSignal): Promise<Json>;
  /** What the system's own connections cannot but show, too, where the kernel tells of them. */
  readonly own?: "end" | "hear nothing";
  /** `restore`, which cuts all connections, unless the fault spares them. */
  end?(link: Link, lever: ProxyLever): Promise<void>;
}

/** For `draw`, where whom and how long is all there is to draw. */
export const nothingMore = () => ({});

interface Definition<Options extends LinkOptions, Drawn extends object> {
  readonly about: string;
  readonly effect: Fault["effect"];
  readonly options: z.ZodType<Options>;
  /** What of the plan is this fault's own. */
  draw(options: Options, random: Random): Drawn;
  trouble(drawn: Drawn): LinkTrouble;
}

/** A fault from what is its own: the rest is the same for all. */
export const linkFault = <Options extends LinkOptions, Drawn extends object>({
  about,
  effect,
  options,
  draw,
  trouble,
}: Definition<Options, Drawn>): Fault<Options, LinkPlan & Drawn, "proxy"> => ({
  about,
  effect,
  needs: ["proxy"],
  options,
  plan: (given, target, random) => ({
    ...draw(given, random),
    lastsMs: drawLasting(given.lastsMs, random),
    touches: [linkOf(drawSlot(given.of, target, random))],
    relies: ["store"],
  }),
  meet: ({ touches: [link], lastsMs: forMs }, { proxy }, stop) => meetOnLinks(link, proxy, forMs, stop),
  arm: (plan, { proxy }, stop) => armLinks(plan, proxy, trouble(plan), stop),
  heal: (plan, { proxy }, stop) => healLinks(plan, proxy, trouble(plan), stop),
});

/**
 * Looks for the process's own connections, opens one of ours through each link, puts the fault in force, and returns
 * what gathers the proof: what becomes of ours, and of its own.
 */
async function armLinks(plan: LinkPlan, lever: ProxyLever, trouble: LinkTrouble, stop: AbortSignal): Promise<Bite> {
  using scope = new DisposableStack();
  const links = linksOf(plan, lever);
  await trouble.prepare?.(plan.touches[0], links, lever, stop);
  const met = await meetOnLinks(plan.touches[0], lever, plan.lastsMs, stop);
  const before = new Map<Link, Probe>();
  for (const link of links) before.set(link, scope.use(await openWhole(link, stop)));
  for (const link of links) await trouble.begin(link, lever);
  const probes = scope.move();
  const witness = async ([link, probe]: [Link, Probe], stopped: AbortSignal): Promise<[string, Json]> => {
    try {
      return [link.name, await trouble.witness(link, probe, stopped)];
    } catch (thrown) {
      throw new Error(`${link.name}: ${messageOf(thrown)}`, { cause: thrown });
    }
  };
  return async (stopped) => {
    const all = () => together([...before].map((pair) => witness(pair, stopped)));
    try {
      return await prove(
        async () => {
          const shown = trouble.own === "hear nothing" ? await expectUnheard(met, all) : await all();
          const ended = trouble.own === "end" ? expectEnded(met) : {};
          expectNoBypass(met, plan.touches[0]);
          return { links: Object.fromEntries(shown), ...factsOf(met), ...ended };
        },
        bitMs(plan.lastsMs),
        stopped,
      );
    } finally {
      probes.dispose();
    }
  };
}

/**
 * Ends what was done to every link, and proves each whole by what a fresh connection writes and the store then holds.
 */
async function healLinks(
  plan: LinkPlan,
  lever: ProxyLever,
  { end }: LinkTrouble,
  stop: AbortSignal,
): Promise<Evidence> {
  const links = linksOf(plan, lever);
  const over = async () => {
    await together(links.map((link) => (end ?? restored)(link, lever)));
    return {};
  };
  const ended = await prove(over, healedMs, stop);
  if (!ended.proven) return ended;
  const check = async () => {
    await together(links.map(proveWhole));
    return { links: links.map(({ name }) => name), increments };
  };
  return await prove(check, healedMs, stop);
}

const restored = (link: Link, lever: ProxyLever): Promise<void> => lever.restore(link);

/** For `end`: connections outlive the fault, unless the proxy hangs on them. */
export const lifted = (link: Link, lever: ProxyLever): Promise<void> =>
  lever.lift(link).catch(() => lever.restore(link));

/** What the store says on a connection that no fault on a link touches. */
export const directly = ({ upstream }: Link, command: string): Promise<string> => askOnce(upstream, command);

/**
 * How a new connection through the link is turned away: refused; or, where ports are forwarded into another network,
 * accepted by the forwarder and closed without an answer.
 * @throws Error when it is not
 */
export async function refused({ listen, inside }: Link): Promise<string> {
  const why = await refusal(listen);
  if (why === "ECONNREFUSED") return why;
  if (inside === undefined) throw new Error(`a new connection was ${why ?? "accepted"}`);
  using fresh = await openProbe(listen);
  fresh.say("PING");
  const ended = await endOf(fresh);
  if (fresh.received() > 0) throw new Error("a new connection was answered");
  return `accepted on the way, then ${ended}`;
}

/** Lends a key that nobody else has, and that the store, or this node of it, keeps; and removes it. */
export async function withKey<T>(store: Address, work: (key: string) => Promise<T>): Promise<T> {
  const key = await keyFor(store);
  const done = await work(key).catch(async (thrown: unknown) => {
    await askOnce(store, `DEL ${key}`).catch(() => {}); // the first error says more
    throw thrown;
  });
  await askOnce(store, `DEL ${key}`);
  return done;
}

/** Drawn until it is one: of a cluster each node keeps a part, and sends those who ask for others away. */
async function keyFor(store: Address): Promise<string> {
  using probe = await openProbe(store);
  return await eventually(
    async () => {
      const key = `whitewater:probe:${randomUUID()}`;
      try {
        await probe.ask(`EXISTS ${key}`);
        return key;
      } catch (thrown) {
        if (!messageOf(thrown).includes("MOVED")) throw thrown;
        return undefined;
      }
    },
    { deadlineMs: healedMs, awaited: `a key that the store on port ${store.port} keeps`, everyMs: 1 },
  );
}

/** Resolves to how the connection ended. @throws DeadlineError when it is open still */
export const endOf = (probe: Probe): Promise<string> =>
  eventually(() => probe.ended(), { deadlineMs: endsMs, awaited: "the connection to end", everyMs: 5 });

const endsMs = 3000;

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
