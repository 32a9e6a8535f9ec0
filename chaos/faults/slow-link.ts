/** A narrow way to the store: everything arrives, as fast as the link carries it. */
import { monotonic } from "../../std/clock.ts";
import { bounds } from "../lasting.ts";
import { openProbe, type Probe } from "../levers/probe.ts";
import { lifted, linkFault, linkOptions } from "../links.ts";

const options = linkOptions.extend({
  kilobytes: bounds(1)
    .default([20, 200])
    .describe("how much each connection carries each way: drawn between the two, kB/s"),
});

export const slowLink = linkFault({
  about:
    "Narrows the links of one worker, or one producer, to a number of kilobytes a second for a while. Nothing is lost, but what is sent together no longer arrives together: large batches and long answers hold up what comes behind them.",
  effect: "slow",
  options,
  draw: ({ kilobytes }, random) => ({ kilobytes: random.fork("kilobytes").between(...kilobytes) }),
  trouble: ({ kilobytes }) => ({
    begin: (link, lever) =>
      lever.put(link, [
        { kind: "rate", way: "requests", kilobytes },
        { kind: "rate", way: "replies", kilobytes },
      ]),
    async witness(link, before) {
      using fresh = await openProbe(link.listen);
      // A quarter of a second each way; the store takes no more on one line than 64 kB.
      const bytes = Math.min(kilobytes * 250, 60_000);
      const leastMs = (2 * bytes * slack) / kilobytes;
      const tookMs = await Promise.all([before, fresh].map((probe) => thereAndBackMs(probe, bytes)));
      const quickest = Math.min(...tookMs);
      if (quickest < leastMs)
        throw new Error(`${bytes} bytes were there and back in ${quickest} ms, and not in ${leastMs}`);
      return { bytes, tookMs };
    },
    end: lifted,
  }),
});

/** What is under way inside the proxy, and its coarse timers. More than half: both ways are slow. */
const slack = 0.8;

async function thereAndBackMs(probe: Probe, bytes: number): Promise<number> {
  const startNs = monotonic.nowNs();
  await probe.ask(`ECHO ${"x".repeat(bytes)}`);
  return Math.round((monotonic.nowNs() - startNs) / 1e4) / 100;
}
