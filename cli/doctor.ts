/**
 * `whitewater doctor` and `whitewater setup`: what is there, what is missing and how to come by it, and what a killed
 * run left behind.
 */
import { styleText } from "node:util";
import { inspectEnvironment } from "../harness/environment/inspect.ts";
import { sweepAll, sweepOrphans } from "../harness/sweep.ts";
import { onOneLine } from "../std/printable.ts";
import type { Command } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { describeSwept } from "./swept.ts";

export const doctor: Command = {
  about: "Shows what is there and what is missing, and cleans up what a killed run left behind.",
  options: { runs: { about: "where the run directories are (default: runs)", value: "DIR" } },
  async run(words) {
    const equipped = await showComponents();
    const swept = [...(await sweepAll(words.text("runs") ?? "runs")), ...(await sweepOrphans())];
    for (const each of swept) console.log(describeSwept(each));
    if (swept.length === 0) console.log(`${mark(true)} no run was left unfinished`);
    return equipped && swept.every(({ left }) => left.length === 0) ? exitCodes.pass : exitCodes.usage;
  },
};

/** The launcher, or the checkout's script, has brought what was missing before this runs. */
export const setup: Command = {
  about: "Brings redis-server and toxiproxy-server where they are missing, and shows them.",
  options: {},
  run: async () => ((await showComponents()) ? exitCodes.pass : exitCodes.usage),
};

/** True when nothing is missing. */
async function showComponents(): Promise<boolean> {
  const components = await inspectEnvironment();
  console.log(`${mark(true)} node ${process.versions.node}`);
  for (const { component, found, needed, ways } of components) {
    const is =
      found === undefined ? "is missing" : `${onOneLine(found.version)}  ${styleText("dim", onOneLine(found.path))}`;
    console.log(`${mark(found !== undefined)} ${component} ${is}`);
    if (found !== undefined) continue;
    for (const line of [`needed: ${needed}`, "any of these provides it:", ...ways.map((way) => `- ${way}`)]) {
      console.log(`    ${line}`);
    }
  }
  return components.every(({ found }) => found !== undefined);
}

const mark = (good: boolean): string => (good ? styleText("green", "✓") : styleText("red", "✗"));
