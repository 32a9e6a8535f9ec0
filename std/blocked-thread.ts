/** Watches from a thread of its own whether the main one still gives way to its event loop while it calls code that is not ours. */
import { writeSync } from "node:fs";
import { Session } from "node:inspector";
import { parentPort, workerData } from "node:worker_threads";
import { beat } from "./turn.ts";

/** In shared memory: how often the event loop has turned, and how many calls are under way. */
const { turns, beats, everyMs }: { readonly turns: Int32Array; readonly beats: number; readonly everyMs: number } =
  workerData;
let seen = -1;
let still = 0;

function breakOff(): void {
  const session = new Session();
  session.connectToMainThread();
  session.post("Runtime.terminateExecution", () => session.disconnect());
  parentPort?.postMessage("broken off"); // heard once it is
}

/** It is in a call to the system that nothing can break off. */
function kill(): void {
  try {
    writeSync(2, "whitewater: what it calls does not come back, and cannot be broken off: the process is killed\n");
  } catch {
    // nobody reads it
  }
  process.kill(process.pid, "SIGKILL");
}

beat(everyMs, () => {
  const now = Atomics.load(turns, 0);
  still = now === seen && Atomics.load(turns, 1) > 0 ? still + 1 : 0;
  seen = now;
  if (still === beats + 1) breakOff();
  if (still === 2 * beats) kill();
});
parentPort?.on("message", () => {}); // stays as long as the process
