/** Ctrl-C, for commands that run something. */
import { leave, unwindBy } from "./ending.ts";
import { exitCodes } from "./exit-codes.ts";

/** The first Ctrl-C heals, stops and keeps what was recorded; the second leaves that to the guardian. */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  unwindBy(stop);
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) leave(exitCodes.unknown);
      console.error(`\n${name}: healing faults and stopping everything; what was recorded is kept.`);
      stop.abort(new Error(`stopped by ${name}`));
    });
  }
  return stop.signal;
}
