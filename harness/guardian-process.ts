/**
 * Outlives the harness by a moment. It holds the end of a pipe: a word says that all is well, the mere end that the harness
 * is gone, however it died; then everything that it left behind is undone.
 */
import { text } from "node:stream/consumers";
import { DeadlineError, eventually } from "../std/deadline.ts";
import { isAbandoned, sweep } from "./sweep.ts";

/** The pipe ends a little before the process is gone. */
const deathMs = 60_000;

const [, , directory] = process.argv;
if (directory === undefined) throw new Error("usage: guardian-process RUN-DIRECTORY");

// Whoever ends the harness with its whole group, or by Ctrl-C, needs the guardian most.
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => {});

const word = await text(process.stdin).catch(() => "");
if (word === "") await cleanUp(directory);

async function cleanUp(left: string): Promise<void> {
  try {
    await eventually(() => isAbandoned(left), { deadlineMs: deathMs, awaited: "the harness to be gone" });
  } catch (thrown) {
    if (thrown instanceof DeadlineError) return; // over, or alive: nothing of ours to undo
    throw thrown;
  }
  console.log(JSON.stringify(await sweep(left)));
}
