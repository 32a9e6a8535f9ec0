/** The door for people. How the process ends is watched before anything else is loaded that could end it. */
import { hideNegativeTimes } from "../std/warnings.ts";
import { complain, leave, watchEnding } from "./ending.ts";

async function open(): Promise<never> {
  const { commands } = await import("./commands.ts");
  const { enter } = await import("./door.ts");
  return await enter(process.argv.slice(2), commands);
}

watchEnding();
hideNegativeTimes();
open().catch((thrown: unknown) => leave(complain(thrown)));
