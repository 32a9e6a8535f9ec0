/**
 * Looks at the record of a run under way, again and again, until a threshold that is to end it can no longer be held:
 * then it says so in a line, and is done. It ends with the pipe that it reads: whoever asked for it is gone then.
 */
import { monotonic, pause } from "../std/clock.ts";
import { loadCatalogues } from "../catalogues/configuration.ts";
import { missedLine, pauseAfter } from "./early.ts";
import { lookAt } from "./early-look.ts";
import { runDirectory } from "./run-directory.ts";

const [, , path, configuration] = process.argv;
if (path === undefined || configuration === undefined)
  throw new Error("usage: early-process RUN-DIRECTORY CONFIGURATION");

const gone = new AbortController();
process.stdin
  .on("end", () => gone.abort())
  .on("error", () => gone.abort())
  .resume();

const { measures } = await loadCatalogues(configuration);
while (!gone.signal.aborted) {
  const from = monotonic.nowNs();
  const missed = lookAt(runDirectory(path), measures);
  if (missed.length > 0) {
    console.log(JSON.stringify(missedLine.parse({ missed })));
    break;
  }
  const tookMs = (monotonic.nowNs() - from) / 1e6;
  console.error(`looked, which took ${Math.round(tookMs)} ms: all may still be held`);
  await pause(monotonic, pauseAfter(tookMs), gone.signal);
}
process.exit(0);
