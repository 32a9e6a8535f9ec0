/** The time that a stretch of work takes by itself, told from the time that a busy machine gives to others. */
import type { ProcessorTime, Stretch } from "../../fleet/messages.ts";

/**
 * Of the work itself, ns: without the waits for a processor, but never less than what any process of it ran.
 * The wait of the one may lie within the run of the other, so on a crowded machine this is closer to the least possible.
 */
export function undisturbed(wallNs: number, stretches: readonly Stretch[]): number {
  const most = (pick: (stretch: Stretch) => number): number => Math.max(0, ...stretches.map(pick));
  const [ran, waited] = [most(({ worker }) => worker.ran), most(({ worker }) => worker.waited)];
  const broker = brokerOf(stretches);
  return Math.max(ran, broker.ran, wallNs - waited - broker.waited);
}

/** All workers look at the same store: who began first saw most of it. */
export const brokerOf = (stretches: readonly Stretch[]): ProcessorTime =>
  stretches.map(({ broker }) => broker).reduce((a, b) => (b.ran > a.ran ? b : a), { ran: 0, waited: 0 });
