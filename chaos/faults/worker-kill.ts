/** A worker dies at once, with everything that it had in hand; the harness starts another one in its place. */
import { killFault } from "../slots.ts";

export const workerKill = killFault(
  "worker",
  "Kills one worker process with SIGKILL; another is started in its place. So ends a process that ran out of memory, or whose machine is gone: in the middle of its jobs, and without a word to the queue.",
);
