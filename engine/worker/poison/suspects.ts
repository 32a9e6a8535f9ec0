/** The suspects of a part, as one consumer sees them: who waits, who is taken, and whose run is on record. */
import type { Isolated, Steps, Suspect } from "../../redis/steps.ts";
import { insist } from "../../std/clock.ts";
import type { Host } from "../host.ts";
import type { InFlight } from "../in-flight.ts";
import type { ConsumerLife } from "../life.ts";
import type { Patient } from "../membership.ts";

export type Taken = Extract<Isolated, { state: "taken" }>;

export interface Suspects {
  /** Those that wait and were not begun here, in random order. */
  waiting(): Promise<readonly Suspect[]>;
  /** For how long, as far as this consumer saw it. */
  waitedMs(entry: string): number;
  /** Until it is over, it does not wait. */
  begin(entry: string, run: (entry: string) => Promise<void>): Promise<void>;
  /** Undefined where it is not this consumer's. @param onRecord whether it counts, should its worker die of it */
  take(entry: string, onRecord: boolean): Promise<Taken | undefined>;
  /** That run does not count. */
  strike(entry: string): Promise<void>;
}

/** A run that could not be struck from its record within this time stays on it. */
const strikeMs = 3000;

export function suspectsOf(
  { name, steps, patience }: Patient & { readonly steps: Pick<Steps, "suspects" | "isolate" | "absolve"> },
  inFlight: Pick<InFlight, "keep" | "drop">,
  life: Pick<ConsumerLife, "taking" | "lose">,
  { time, chance }: Pick<Host, "time" | "chance">,
): Suspects {
  /** Who waits, and since when. */
  const seenAt = new Map<string, number>();
  const begun = new Set<string>();
  return {
    async waiting() {
      const suspects = ((await steps.suspects()) ?? []).filter(({ entry }) => !begun.has(entry));
      const listed = new Set(suspects.map(({ entry }) => entry));
      for (const entry of seenAt.keys()) if (!listed.has(entry)) seenAt.delete(entry);
      for (const entry of listed) if (!seenAt.has(entry)) seenAt.set(entry, time.nowMs());
      return chance.shuffled(suspects);
    },
    waitedMs(entry) {
      const now = time.nowMs();
      return now - (seenAt.get(entry) ?? now);
    },
    async begin(entry, run) {
      begun.add(entry);
      await run(entry).finally(() => begun.delete(entry));
    },
    async take(entry, onRecord) {
      inFlight.keep(entry); // from now on it may be ours
      const isolated = await insist(
        () => steps.isolate(name, entry, onRecord),
        () => life.taking.aborted,
        patience,
      );
      if (isolated?.state === "taken") return isolated;
      if (isolated?.state === "lost") life.lose();
      inFlight.drop(entry);
      return undefined;
    },
    async strike(entry) {
      const until = time.nowMs() + strikeMs;
      await insist(
        () => steps.absolve(name, entry),
        () => time.nowMs() > until,
        patience,
      );
    },
  };
}
