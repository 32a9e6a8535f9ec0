/**
 * Node's warnings but one. A store that reads its data says how long it still takes by its own clock, ioredis waits for
 * as long, and where a fault has set that clock back Node warns whoever watches the run of a negative time: it is none
 * of theirs, and does no harm.
 */
export function hideNegativeTimes(): void {
  const usual = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name !== "TimeoutNegativeWarning") for (const tell of usual) tell(warning);
  });
}
