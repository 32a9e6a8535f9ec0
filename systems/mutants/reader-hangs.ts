/** Broken: a read that fails is tried again by and by. Nothing is lost, and for all who wait it is as if it were. */
import { stepsOn } from "../../engine/redis/steps.ts";
import { monotonic, pause } from "../../std/clock.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { afterBrokenRead } from "./broken-read.ts";

/** Longer than anyone may wait for a dead worker, and shorter than what a drain takes for stuck. */
const hangsMs = 18_000;

const system = streamSystem(
  "The reference engine, except that a worker whose blocking read was broken off reads again only a while after the broker is back. Each short outage is made a long one, and no counter says so.",
  (tools) =>
    afterBrokenRead(stepsOn(tools), async (stopped) => {
      await Promise.race([tools.reader.whenReady(), stopped]);
      await Promise.race([pause(monotonic, hangsMs), stopped]);
    }),
);

export default {
  ...system,
  killedBy: "progress",
  under: "outage",
  hiddenUnder: { day: "some other worker reads at any time, and its faults start the rest anew" },
  related: [],
} satisfies Mutant<StreamConfig>;
