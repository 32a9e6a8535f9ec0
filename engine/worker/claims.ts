/** Takes from the dead what a consumer can start at once. */
import { readMax, type CapacityShare } from "./capacity.ts";
import type { InFlight } from "./in-flight.ts";
import type { ConsumerLife } from "./life.ts";
import type { Reads } from "./reads.ts";
import type { Reclaim } from "./reclaim.ts";

export interface DeadClaims {
  /** Takes what there is room for. Whoever asks while that is under way waits for the same. */
  claim(): Promise<void>;
  hasLooked(): boolean;
  hasWork(): boolean;
}

export function claimsOf({
  reclaim,
  reads,
  inFlight,
  share,
  life,
}: {
  readonly reclaim: Pick<Reclaim, "claim" | "hasLooked" | "hasWork">;
  readonly reads: Pick<Reads, "endWait" | "suspect">;
  readonly inFlight: Pick<InFlight, "room" | "known" | "take">;
  readonly share: Pick<CapacityShare, "free" | "pump">;
  readonly life: Pick<ConsumerLife, "taking" | "holds" | "lose">;
}): DeadClaims {
  let claiming: Promise<void> | undefined;

  async function claimOnce(): Promise<void> {
    while (!life.taking.aborted && life.holds() && reclaim.hasWork()) {
      // Not read ahead: what a dead consumer held has waited long enough, and another worker may have a slot free.
      const limit = Math.min(share.free, readMax, inFlight.room());
      if (limit <= 0) return;
      // What that read would bring could not be started either, once these slots are taken.
      reads.endWait();
      // Meanwhile a recovery may find what the broker gave here already, and it may even be done before the answer
      // comes.
      const known = inFlight.known();
      const claimed = await reclaim.claim(limit, (entries) =>
        inFlight.take(
          entries.filter(({ entry }) => !known.entries.has(entry)),
          "front",
        ),
      );
      known.forget();
      if (claimed === "lost") return life.lose();
      if (claimed === "unanswered") return reads.suspect();
      share.pump(); // where nothing is left to take, what was read may begin
      if (claimed === "none") return;
    }
  }

  return {
    claim() {
      claiming ??= claimOnce().finally(() => {
        claiming = undefined;
      });
      return claiming;
    },
    hasLooked: reclaim.hasLooked,
    hasWork: reclaim.hasWork,
  };
}
