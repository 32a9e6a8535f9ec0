/**
 * What a store may have forgotten. One that syncs its log each second postpones even its writes while its disk is
 * behind, and answers all the same; when it crashes then, what it had carried out is as if it had never been. Its
 * durability profile allows that, so nobody can know whether the system lost it, too. Writes of the fault's own that
 * are still there afterwards say what was not forgotten.
 */
import { z } from "zod";
import { oncePer } from "../std/once.ts";
import { endedLives, keptMs, mayForgetMs } from "./journal.ts";
import { hitsOf, nextRan } from "./hits.ts";
import type { Incident } from "./ledger.ts";
import { hiccupNs } from "./record.ts";

/** An answer that was under way when the store went may be read so much later, by whoever it is. */
const readingNs = 1e9;
/** By a process that runs, over a link that is not slow: its turns are no longer, and it has all of them then. */
const readAtOnceNs = 2 * hiccupNs;

type World = Parameters<typeof hitsOf>[0];

/**
 * The fault by which the store may have forgotten what it had answered at that moment (ns since origin).
 * @param incarnation who was answered, where that is known
 */
export const forgottenBy = (ledger: World, answeredAt: number, incarnation: number | undefined): Incident | undefined =>
  ledger.incidents.find((incident) => {
    const forgottenFrom = forgottenSince(incident);
    const goneAt = ledger.armedAt.get(incident.id) ?? incident.to;
    return (
      forgottenFrom !== undefined && answeredAt >= forgottenFrom && answeredAt <= readBy(ledger, goneAt, incarnation)
    );
  });

/** When the last answer of a store that went then was read. */
function readBy(ledger: World, goneAt: number, incarnation: number | undefined): number {
  if (incarnation === undefined) return goneAt + readingNs;
  const isThen = ({ from, to }: { readonly from: number; readonly to: number }): boolean =>
    from <= goneAt + readAtOnceNs && to >= goneAt;
  const stood = nextRan(ledger, incarnation, goneAt);
  const unread =
    ledger.hiccups
      .get(incarnation)
      ?.filter(isThen)
      .map(({ to }) => to) ?? [];
  const isOnItsWay = hitsOf(ledger, incarnation).some((hit) => isThen(hit) && hit.cause !== "store-away");
  return Math.max(
    goneAt + (isOnItsWay ? readingNs : 0),
    stood + readAtOnceNs,
    ...unread.map((to) => to + readAtOnceNs),
  );
}

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
