/** What the store's durability profile lets it forget is no one's loss that could be proven. */
import { forgottenBy } from "../history/forgotten.ts";
import type { Ledger } from "../history/ledger.ts";

/**
 * Why nobody can know what became of that which the store answered at that moment; undefined where it must have kept
 * it.
 */
export function forgettable(ledger: Ledger, answeredAt: number): string | undefined {
  const incident = forgottenBy(ledger, answeredAt, undefined);
  if (incident === undefined) return undefined;
  return `the store may have been ahead of its disk when ${incident.id} ended it, so what it had answered just before may be gone, as its durability profile allows: take a quicker disk, or a store that syncs always`;
}
