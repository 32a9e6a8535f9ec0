/** `whitewater doctor`: what is there, what is missing and how to come by it, and what a killed run left behind. */
import { styleText } from "node:util";
import { inspectEnvironment } from "../harness/environment/inspect.ts";
import { sweepAll } from "../harness/sweep.ts";
import type { Command } from "./command.ts";
import { exitCodes } from "./exit-codes.ts";
import { describeSwept } from "./swept.ts";

export const doctor: Command = {
  about: "Shows what is there and what is missing, and cleans up what a killed run left behind.",
  options: { runs: { about: "where the run directories are (default: runs)", value: "DIR" } },
  async run(words) {
    const components = inspectEnvironment();
    console.log(`${mark(true)} node ${process.versions.node}`);
    for (const { component, found, needed, ways } of components) {
      console.log(
        `${mark(found !== undefined)} ${component} ${found === undefined ? "is missing" : `${found.version}  ${styleText("dim", found.path)}`}`,
      );
      if (found === undefined)
        for (const line of [`needed: ${needed}`, "any of these provides it:", ...ways.map((way) => `- ${way}`)])
          console.log(`    ${line}`);
    }
    const swept = await sweepAll(words.text("runs") ?? "runs");
    for (const each of swept) console.log(describeSwept(each));
    if (swept.length === 0) console.log(`${mark(true)} no run was left unfinished`);
    const whole = components.every(({ found }) => found !== undefined) && swept.every(({ left }) => left.length === 0);
    return whole ? exitCodes.pass : exitCodes.usage;
  },
};

const mark = (good: boolean): string => (good ? styleText("green", "✓") : styleText("red", "✗"));
