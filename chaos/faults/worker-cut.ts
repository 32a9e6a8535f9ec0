/** A worker loses its links: its sockets are closed and new ones refused, while everybody else is well. */
import type { Fault, Link } from "../contract.ts";
import { refusal, type Probe } from "../levers/probe.ts";
import { armLinks, directly, healLinks, linkOptions, planOnLinks, type LinkOptions, type LinkPlan } from "../links.ts";

export const workerCut: Fault<LinkOptions, LinkPlan, "proxy"> = {
  about:
    "Closes all connections of one worker to the store, and refuses new ones for a while. The worker lives on with what it has in hand, while the queue may take it for dead: so one job comes to be run by two.",
  effect: "cut-off",
  needs: ["proxy"],
  options: linkOptions,
  plan: planOnLinks,
  arm: (plan, { proxy }, stop) => armLinks(plan, proxy, { begin: proxy.cut, witness: isCut }, stop),
  heal: (plan, { proxy }, stop) => healLinks(plan, proxy, stop),
};

async function isCut(link: Link, before: Probe): Promise<{ before: string; fresh: string; direct: string }> {
  const ended = before.ended();
  if (ended === undefined) throw new Error(`${link.name}: a connection that was open before is open still`);
  const refused = await refusal(link.listen);
  if (refused !== "ECONNREFUSED") throw new Error(`${link.name}: a new connection was ${refused ?? "accepted"}`);
  return { before: ended, fresh: refused, direct: await directly(link, "PING") };
}
