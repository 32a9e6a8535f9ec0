/**
 * Watches from a thread of its own whether the main one still gives way to its event loop while it calls code that is
 * not ours.
 */
import { writeSync } from "node:fs";
import { Session } from "node:inspector";
import { parentPort, workerData } from "node:worker_threads";
import { beat } from "./turn.ts";

/** `turns`, in shared memory: how often the event loop has turned. */
const { turns, beats, everyMs }: { readonly turns: Int32Array; readonly beats: number; readonly everyMs: number } =
  workerData;
/**
 * A loop uses processor time, of which a busy machine gives little; a call to the system uses none, and only time
 * tells.
 */
const millisMost = everyMs * beats;
const beatsMost = 2 * beats;
const beatsKilled = 3 * beats;

/** The call under way that began last. */
let called: string | undefined;
let seen = -1;
let still = 0;
let usedAt = 0;
let isBrokenOff = false;

function breakOff(): void {
  const session = new Session();
  session.connectToMainThread();
  session.post("Runtime.terminateExecution", () => session.disconnect());
  parentPort?.postMessage("broken off"); // heard once it is
}

/** It is in a call to the system that nothing can break off. */
function kill(): void {
  try {
    writeSync(2, `whitewater: ${called} does not come back, and cannot be broken off: this process is killed\n`);
  } catch {
    // nobody reads it
  }
  process.kill(process.pid, "SIGKILL");
}

/** Of the process, ms. */
function used(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

beat(everyMs, () => {
  const now = Atomics.load(turns, 0);
  if (now !== seen || called === undefined) {
    [seen, still, usedAt, isBrokenOff] = [now, 0, used(), false];
    return;
  }
  still++;
  if (!isBrokenOff && (used() - usedAt > millisMost || still > beatsMost)) {
    isBrokenOff = true;
    breakOff();
  }
  if (still > beatsKilled) kill();
});
// Listens for as long as the process is there.
parentPort?.on("message", (what: string | undefined) => void (called = what));
