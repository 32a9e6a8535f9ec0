/** Ctrl-C, for commands that run something. */
import { leave, unwindBy } from "./ending.ts";
import { exitCodes } from "./exit-codes.ts";

/** A terminal that is closed sends the last. */
const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * The first Ctrl-C heals, stops and keeps what was recorded; the second leaves that to the guardian. To be called when
 * something is about to be started: until then there is nothing to heal, and a signal ends the process by itself,
 * whatever it does.
 */
export function stopOnSignals(): AbortSignal {
  const stop = new AbortController();
  unwindBy(stop);
  for (const name of names) {
    process.on(name, () => {
      if (stop.signal.aborted) leave(exitCodes.unknown);
      console.error(`\n${name}: healing faults and stopping everything; what was recorded is kept.`);
      stop.abort(new Error(`stopped by ${name}`));
    });
  }
  return stop.signal;
}

/** From here on they end the process by themselves: nothing is left to heal. */
export function signalsEnd(): void {
  for (const name of names) process.removeAllListeners(name);
}
