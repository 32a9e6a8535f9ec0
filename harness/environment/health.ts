/**
 * Watches what the run itself stands on: its store, its proxies, its disks, its memory. What is not well there, and no
 * fault made so, is nobody's but ours: it goes into the journal with the last moment at which all was well.
 */
import type { Journal } from "../../history/journal-file.ts";
import type { OwnPart } from "../../history/journal.ts";
import type { Resource } from "../../history/resource.ts";
import { pause, type Clock } from "../../std/clock.ts";
import { messageOf } from "../../std/user-error.ts";

export interface Ailment {
  /** Told once for each subject, however long it lasts. */
  readonly kind: string;
  readonly what: string;
  /** It does not come back: the run cannot go on. */
  readonly fatal?: true;
}

/** Whether a fault that touches it is in force, or was since the look before. */
export type Touched = (resource: Resource) => boolean;

export interface HealthSubject extends Disposable {
  readonly of: OwnPart;
  /** `explained`: a fault touches it, so whatever is seen is that fault's doing, or may be. */
  look(touched: Touched): Promise<"well" | "explained" | Ailment>;
}

export interface Watch {
  readonly clock: Clock;
  readonly journal: Pick<Journal, "write">;
  touched(resource: Resource, sinceNs: number): boolean;
  /** Called when the run cannot go on. */
  lost(why: string): void;
}

const everyMs = 500;

/**
 * Until disposed of, which ends with a last look at each. @throws when disposed of, the first error of a watch: the
 * record has a hole
 */
export function watchHealth(subjects: readonly HealthSubject[], watch: Watch): AsyncDisposable {
  const over = new AbortController();
  const watches = Promise.allSettled(
    subjects.map((subject) =>
      watchOne(subject, watch, over.signal).catch((thrown: unknown) => {
        watch.lost(messageOf(thrown));
        throw thrown;
      }),
    ),
  );
  return {
    async [Symbol.asyncDispose]() {
      over.abort();
      const rejected = (await watches).find(({ status }) => status === "rejected");
      if (rejected?.status === "rejected") throw rejected.reason;
    },
  };
}

async function watchOne(
  subject: HealthSubject,
  { clock, journal, touched, lost }: Watch,
  over: AbortSignal,
): Promise<void> {
  using looked = subject;
  const told = new Set<string>();
  let wellNs = clock.nowNs();
  let beforeNs = wellNs;
  /** Whether all was well. */
  const look = async (): Promise<boolean> => {
    const [sinceNs, nowNs] = [beforeNs, clock.nowNs()];
    beforeNs = nowNs;
    const seen = await looked.look((resource) => touched(resource, sinceNs));
    if (seen === "well") wellNs = nowNs;
    if (seen === "well" || seen === "explained" || told.has(seen.kind)) return seen === "well";
    told.add(seen.kind);
    journal.write({ type: "trouble", of: looked.of, what: seen.what, from: wellNs });
    if (seen.fatal) lost(`it cannot go on without its ${looked.of}`);
    return false;
  };
  let well = true;
  while (!over.aborted) {
    well = await look();
    await pause(clock, everyMs, over);
  }
  // What befell it since, and nothing that would be waited for once more.
  if (well) await look();
}
