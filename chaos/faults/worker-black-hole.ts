/** A worker's links fall silent: its sockets stay open, new ones are accepted, and no byte arrives in either direction. */
import { monotonic, pause } from "../../std/clock.ts";
import type { Fault, Link } from "../contract.ts";
import { openProbe, type Probe } from "../levers/probe.ts";
import {
  armLinks,
  directly,
  healLinks,
  linkOptions,
  planOnLinks,
  withKey,
  type LinkOptions,
  type LinkPlan,
} from "../links.ts";

/** A healthy link answers in well under a millisecond. */
const silenceMs = 1000;

export const workerBlackHole: Fault<LinkOptions, LinkPlan, "proxy"> = {
  about:
    "Lets nothing through between one worker and the store for a while, without closing or refusing a connection. Nobody gets an error, only silence: whoever has no deadline of its own waits for ever.",
  effect: "cut-off",
  needs: ["proxy"],
  options: linkOptions,
  plan: planOnLinks,
  arm: (plan, { proxy }, stop) => armLinks(plan, proxy, { begin: proxy.blackHole, witness: isSilent }, stop),
  heal: (plan, { proxy }, stop) => healLinks(plan, proxy, stop),
};

/** Both connections write a key, hear nothing, and it is not in the store. */
async function isSilent(link: Link, before: Probe, stop: AbortSignal): Promise<{ silentMs: number; direct: string }> {
  using fresh = await openProbe(link.listen);
  return await withKey(link.upstream, async (key) => {
    // It expires by itself, should it arrive after all once it was removed.
    for (const probe of [before, fresh]) probe.say(`SET ${key} 1 EX 60`);
    await pause(monotonic, silenceMs, stop);
    for (const [name, probe] of Object.entries({
      "a connection that was open before": before,
      "a new connection": fresh,
    })) {
      const ended = probe.ended();
      if (ended !== undefined) throw new Error(`${link.name}: ${name} ended: ${ended}`);
      const reply = probe.heard();
      if (reply !== undefined) throw new Error(`${link.name}: ${name} was answered: ${reply}`);
    }
    const exists = await directly(link, `EXISTS ${key}`);
    if (exists !== ":0") throw new Error(`${link.name}: what was written through it is in the store`);
    return { silentMs: silenceMs, direct: "answers, and holds nothing of it" };
  });
}
