/**
 * That a fault meets those whom it is meant for: their own connections, open where it strikes when it strikes, and what
 * becomes of them. One that finds none is put off, and in the end has met nobody, whatever happens to a probe of ours.
 */
import { seenBy } from "../history/journal.ts";
import type { Resource } from "../history/resource.ts";
import { eventually } from "../std/deadline.ts";
import type { Json } from "../std/json.ts";
import type { Flow, ProxyLever, StoreLever, Traffic, TrafficView } from "./contract.ts";

/** Whom a fault met; where nobody tells, only the probes of ours that it hits. */
export type Met =
  | { readonly seenBy: "probe" }
  | { readonly seenBy: "kernel"; readonly view: TrafficView; readonly flows: readonly Flow[]; readonly facts: Facts };
type Facts = Readonly<Record<string, Json>>;

/** A look at those whom the fault is meant for. */
interface Sight {
  readonly flows: readonly Flow[];
  /** Why they do not count, or why there are none. */
  readonly why?: string | undefined;
  /** They could not be there now, for a reason that passes. */
  readonly away: boolean;
}

/** How long those who are meant are waited for. */
export interface Patience {
  /**
   * A pool that opens when it is used, and a client on its way back, have as long as the fault is to last, and no less
   * than this.
   */
  readonly comeMs: number;
  /** Another fault, and a start on a busy machine, may keep a process away for so much longer. */
  readonly awayMs: number;
  readonly everyMs: number;
}
const usual: Patience = { comeMs: 10_000, awayMs: 50_000, everyMs: 250 };

/**
 * The connections of the process in that slot, on its own links. @throws Error when there are none, or others beside
 * them
 */
export function meetOnLinks(
  resource: Resource,
  { traffic }: Pick<ProxyLever, "traffic">,
  lastsMs: number,
  stop: AbortSignal,
  patience = usual,
): Promise<Met> {
  const sight = (): Sight | undefined => onLinks(traffic?.of(resource));
  return meet(traffic, sight, { ...patience, lastsMs, awaited: `somebody ready in ${resource}`, stop });
}

/**
 * The connections of any process of the run to its store, straight or through a link. @throws Error when there are none
 */
export function meetAtStore(
  { traffic }: Pick<StoreLever, "traffic">,
  lastsMs: number,
  stop: AbortSignal,
  patience = usual,
): Promise<Met> {
  const sight = (): Sight | undefined => {
    const all = traffic?.all();
    if (all === undefined) return undefined;
    const flows = all.flatMap(({ direct, links, strange }) => [...direct, ...Object.values(links).flat(), ...strange]);
    const others = talkingTo(all.flatMap(({ elsewhere }) => elsewhere));
    const why = `no process of the run was connected to the store${others}`;
    return { flows, why: flows.length === 0 ? why : undefined, away: all.length === 0 };
  };
  return meet(traffic, sight, { ...patience, lastsMs, awaited: "somebody ready", stop });
}

function meet(
  view: TrafficView | undefined,
  sight: () => Sight | undefined,
  terms: Patience & { readonly lastsMs: number; readonly awaited: string; readonly stop: AbortSignal },
): Promise<Met> {
  const { lastsMs, comeMs, awayMs, everyMs, awaited, stop } = terms;
  const waitMs = Math.max(lastsMs, comeMs);
  let waitedMs = 0;
  return eventually(
    async (): Promise<Met | undefined> => {
      const seen = sight();
      if (view === undefined || seen === undefined) return { seenBy: "probe" };
      const { flows, away, why = await unused(flows, view) } = seen;
      if (why === undefined) return { seenBy: "kernel", view, flows, facts: await carried(flows, view) };
      if (!away) waitedMs += everyMs;
      if (waitedMs > waitMs) throw new Error(why);
      return undefined;
    },
    { deadlineMs: waitMs + awayMs, awaited, everyMs, stop },
  );
}

/** None where they are not told. */
export function ownFlows(resource: Resource, { traffic }: Pick<ProxyLever, "traffic">): readonly Flow[] {
  const seen = traffic?.of(resource);
  return typeof seen === "object" ? Object.values(seen.links).flat() : [];
}

function onLinks(traffic: Traffic | "away" | undefined): Sight | undefined {
  if (traffic === undefined) return undefined;
  if (traffic === "away") return { flows: [], why: "nobody was ready", away: true };
  const flows = Object.values(traffic.links).flat();
  const nobody = `met nobody: no connection of ${nameOf(traffic)} was open on its ${waysOf(traffic)}${talkingTo(traffic.elsewhere)}`;
  const past = bypass(traffic);
  if (past !== undefined) throw new Error(past); // waiting would undo nothing
  return { flows, why: flows.length === 0 ? nobody : undefined, away: traffic.stopped };
}

/** What goes past the links that trouble is made on; undefined where nothing does. */
function bypass(traffic: Traffic): string | undefined {
  const [past] = [...traffic.direct, ...traffic.strange];
  if (past === undefined) return undefined;
  const how = traffic.direct.length > 0 ? " directly" : ", which is a link of another process";
  return `${nameOf(traffic)} talks to ${past.remote}${how}, past its own ${waysOf(traffic)}`;
}

const nameOf = ({ slot }: Traffic): string => slot.replace(":", " ");
const waysOf = ({ ways }: Traffic): string => `proxied link${ways.length === 1 ? "" : "s"} ${ways.join(", ")}`;

const talkingTo = (elsewhere: readonly Flow[]): string => {
  const others = [...new Set(elsewhere.map(({ remote }) => remote))];
  return others.length === 0 ? "" : ` (but to ${others.join(", ")})`;
};

/** A connection that is merely open is none that anybody uses. */
async function unused(flows: readonly Flow[], view: TrafficView): Promise<string | undefined> {
  const bytes = await view.bytes();
  const carries = ({ inode }: Flow): boolean => {
    const { sent, received } = bytes?.get(inode) ?? { sent: 0, received: 0 };
    return sent > 0 && received > 0;
  };
  return bytes === undefined || flows.some(carries) ? undefined : "met nobody: nothing had passed the open connections";
}

async function carried(flows: readonly Flow[], view: TrafficView): Promise<Facts> {
  const bytes = await view.bytes();
  if (bytes === undefined) return { connections: flows.length };
  const sum = (way: "sent" | "received"): number =>
    flows.reduce((total, { inode }) => total + (bytes.get(inode)?.[way] ?? 0), 0);
  return { connections: flows.length, sentBytes: sum("sent"), receivedBytes: sum("received") };
}

/** By whom it is told, and how many they are. */
export const factsOf = (met: Met): Facts => ({
  [seenBy]: met.seenBy,
  ...("facts" in met && met.facts),
});

/** @throws Error when the process has found a way around the fault */
export function expectNoBypass(met: Met, resource: Resource): void {
  const traffic = "view" in met ? met.view.of(resource) : undefined;
  const why = typeof traffic === "object" ? bypass(traffic) : undefined;
  if (why !== undefined) throw new Error(why);
}

/** @throws Error when any of them is open still */
export function expectEnded(met: Met): Facts {
  if (!("view" in met)) return {};
  const left = met.view.open(met.flows).length;
  if (left > 0) throw new Error(`of the system's own ${met.flows.length} connections ${left} are open still`);
  return { ended: met.flows.length };
}

/** What becomes of them while `during` lasts. @throws Error when any of them that is open hears something */
export async function expectUnheard<T>(met: Met, during: () => Promise<T>): Promise<T> {
  const count = () => ("view" in met ? met.view.bytes() : undefined);
  const before = await count();
  const done = await during();
  const after = await count();
  for (const { inode } of "flows" in met ? met.flows : []) {
    const [first, last] = [before?.get(inode), after?.get(inode)];
    if (first !== undefined && last !== undefined && last.received > first.received)
      throw new Error(`a connection of the system's own heard ${last.received - first.received} bytes`);
  }
  return done;
}
