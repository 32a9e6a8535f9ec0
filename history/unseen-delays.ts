/**
 * What may have kept a recovery, and is on nobody's record: all who had watched the silent owner were gone; somebody
 * took the job over and fell silent before it had begun it; or whoever went on with it had received it while it was
 * silent itself.
 */
import { afterglowNs, isTakenForGone } from "./excuses.ts";
import { silencesOf, type Silence } from "./hits.ts";
import type { Ledger } from "./ledger.ts";
import type { Recovery } from "./recoveries.ts";
import { watchingOf } from "./watching.ts";

export interface UnseenDelay {
  /** What counts if that was so. */
  readonly ms: number;
  /** It was lost once more then. */
  readonly again: boolean;
  /** A clause that tells what may have been. */
  readonly what: string;
}

function* unseenDelays(ledger: Ledger, recovery: Recovery): Iterable<UnseenDelay> {
  const { owner, by, from, recoveredAt, ms, anewMs } = recovery;
  if (anewMs < ms) {
    const what =
      "all who had watched its silent owner were gone meanwhile, and whoever came later had to watch it anew";
    yield { ms: anewMs, again: false, what };
  }
  if (recoveredAt === undefined || by === undefined || by === owner) return;
  const { counted, watchedAt } = watchingOf(ledger);
  const takeable = watchedAt(from);
  const countedMs = (since: number): number => counted(since, recoveredAt) / 1e6;
  for (const { incarnation, role } of ledger.incarnations) {
    if (role !== "worker" || incarnation === owner) continue;
    for (const silence of silencesOf(ledger, incarnation, recoveredAt)) {
      const lostAt = fellSilentAfter(silence, takeable);
      if (lostAt !== undefined && isTakenForGone(ledger, silence, recoveredAt)) {
        const what = `process ${incarnation} may have taken it over, and fell silent before it had begun it`;
        yield { ms: countedMs(lostAt), again: true, what };
      }
      if (incarnation === by && isSilentAt(silence, takeable) && recoveredAt <= silence.over + afterglowNs) {
        const what = `process ${by} may have received it while it was silent itself`;
        yield { ms: countedMs(silence.to), again: false, what };
      }
    }
  }
}

/** The first of its hits that may have been then, or later. */
const fellSilentAfter = ({ begins }: Silence, at: number): number | undefined =>
  begins.find(({ by }) => by >= at)?.from;

const isSilentAt = ({ from, over }: Silence, at: number): boolean => from <= at && over >= at;

/** One with which it is in time after all. */
export const mayBeInTime = (
  ledger: Ledger,
  recovery: Recovery,
  { mayTakeMs, againMs }: { readonly mayTakeMs: number; readonly againMs: number },
): UnseenDelay | undefined => {
  for (const delay of unseenDelays(ledger, recovery)) if (delay.ms <= (delay.again ? againMs : mayTakeMs)) return delay;
  return undefined;
};
