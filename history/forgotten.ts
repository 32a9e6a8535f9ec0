/**
 * What a store may have forgotten. One that syncs its log each second postpones even its writes while its disk is
 * behind, and answers all the same; when it crashes then, what it had carried out is as if it had never been. Its
 * durability profile allows that, so nobody can know whether the system lost it, too. Writes of the fault's own that
 * are still there afterwards say what was not forgotten.
 */
import { z } from "zod";
import { oncePer } from "../std/once.ts";
import { endedLives, keptMs, mayForgetMs } from "./journal.ts";
import type { Incident, Ledger } from "./ledger.ts";

/** An answer that was under way when the store went may be read so much later. */
const readingNs = 1e9;

/** The fault by which the store may have forgotten what it had answered at that moment (ns since origin). */
export const forgottenBy = (
  { incidents, armedAt }: Pick<Ledger, "incidents" | "armedAt">,
  answeredAt: number,
): Incident | undefined =>
  incidents.find((incident) => {
    const forgottenFrom = forgottenSince(incident);
    const goneAt = armedAt.get(incident.id) ?? incident.to;
    return forgottenFrom !== undefined && answeredAt >= forgottenFrom && answeredAt <= goneAt + readingNs;
  });

const factsOfEnd = z.object({ [mayForgetMs]: z.number().positive(), [endedLives]: z.string().optional() });
const factsOfReturn = z.object({ [keptMs]: z.record(z.string(), z.number()) });

/** ns since origin; undefined where it forgets nothing. */
const forgottenSince = oncePer(({ bit, healed, from }: Incident): number | undefined => {
  const ended = factsOfEnd.safeParse(bit?.proven ? bit.facts : undefined).data;
  if (ended === undefined) return undefined;
  const back = factsOfReturn.safeParse(healed?.proven ? healed.facts : undefined).data;
  // Each server has its own log: the one that forgot most decides.
  const lives = ended[endedLives]?.split(" ") ?? [];
  const keptFor = Math.min(...lives.map((life) => back?.[keptMs][life] ?? Number.NEGATIVE_INFINITY));
  return from + 1e6 * Math.max(-ended[mayForgetMs], lives.length === 0 ? Number.NEGATIVE_INFINITY : keptFor);
});
