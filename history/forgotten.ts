/**
 * What a store may have forgotten. One that syncs its log each second postpones even its writes while its disk is
 * behind, and answers all the same; when it crashes then, what it had carried out is as if it had never been. Its
 * durability profile allows that, so nobody can know whether the system lost it, too.
 */
import { mayForgetMs } from "./journal.ts";
import type { Incident, Ledger } from "./ledger.ts";

/** An answer that was under way when the store went may be read so much later. */
const readingNs = 1e9;

/** The fault by which the store may have forgotten what it had answered at that moment (ns since origin). */
export const forgottenBy = (
  { incidents, armedAt }: Pick<Ledger, "incidents" | "armedAt">,
  answeredAt: number,
): Incident | undefined =>
  incidents.find((incident) => {
    const spanNs = spanMs(incident) * 1e6;
    const goneAt = armedAt.get(incident.id) ?? incident.to;
    return spanNs > 0 && answeredAt >= incident.from - spanNs && answeredAt <= goneAt + readingNs;
  });

function spanMs({ bit }: Incident): number {
  const ms = bit?.proven ? bit.facts[mayForgetMs] : undefined;
  return typeof ms === "number" ? ms : 0;
}
