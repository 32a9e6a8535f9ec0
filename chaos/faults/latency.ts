/** A long way to the store: everything arrives, in order, late. */
import { monotonic } from "../../std/clock.ts";
import { bounds } from "../lasting.ts";
import { openProbe, type Probe } from "../levers/probe.ts";
import { lifted, linkFault, linkOptions } from "../links.ts";

const options = linkOptions.extend({
  latencyMs: bounds(1, 2000).default([50, 500]).describe("added to each command's way: drawn between the two, ms"),
  jitterMs: bounds(0, 2000)
    .default([0, 50])
    .describe("by how much each may be off that: drawn between the two, at most the latency, ms"),
});

export const latency = linkFault({
  about:
    "Makes the way of one worker, or one producer, to the store longer for a while, by a latency with some jitter. Nothing is lost; whoever waits for each answer before the next command shows it, and leases that are renewed too late run out.",
  effect: "slow",
  options,
  draw: ({ latencyMs, jitterMs }, random) => {
    const ms = random.fork("latency").between(...latencyMs);
    return { ms, jitterMs: Math.min(ms, random.fork("jitter").between(...jitterMs)) };
  },
  trouble: ({ ms, jitterMs }) => ({
    begin: (link, lever) => lever.put(link, [{ kind: "latency", way: "requests", ms, jitterMs }]),
    async witness(link, before) {
      using fresh = await openProbe(link.listen);
      const tookMs = await Promise.all([before, fresh].map(roundTripMs));
      const least = Math.min(...tookMs);
      if (least < ms - jitterMs) throw new Error(`an answer came after ${least} ms, and not after ${ms - jitterMs}`);
      return { tookMs };
    },
    end: lifted,
  }),
});

async function roundTripMs(probe: Probe): Promise<number> {
  const startNs = monotonic.nowNs();
  await probe.ask("PING");
  return Math.round((monotonic.nowNs() - startNs) / 1e4) / 100;
}
