/** The time that a stretch of work takes by itself, told from the time that a busy machine gives to others. */
import type { ProcessorUse, Stretch } from "../../fleet/messages.ts";

/**
 * Of the work itself, ns: without the waits for a processor, but never less than what any process of it ran.
 * The wait of the one may lie within the run of the other, so on a crowded machine this is closer to the least
 * possible.
 */
export function undisturbed(wallNs: number, stretches: readonly Stretch[]): number {
  const workers = stretches.map(({ worker }) => worker);
  const brokers = brokersOf(stretches);
  const most = (times: readonly ProcessorUse[], of: keyof ProcessorUse): number =>
    Math.max(0, ...times.map((time) => time[of]));
  const waited = most(workers, "waited") + most(brokers, "waited");
  return Math.max(most(workers, "ran"), most(brokers, "ran"), wallNs - waited);
}

/** All workers look at the same processes of the store: who began first saw most of each. */
export const brokersOf = (stretches: readonly Stretch[]): readonly ProcessorUse[] =>
  (stretches[0]?.brokers ?? []).map((time, index) =>
    stretches.map(({ brokers }) => brokers[index] ?? time).reduce((a, b) => (b.ran > a.ran ? b : a)),
  );
