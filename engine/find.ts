/** Where one job is. No index is kept for it: every place is read through, which takes as long as the queue is deep. */
import type { Found } from "./inspect.ts";

export type Whereabouts = "waiting" | "active" | "delayed" | "dead";

/** A job that moved on may be missed by the first look at all places, and is found by the second. */
const looks = 2;

/** @returns undefined for a job that is not held: it is done, or was never there */
export async function whereabouts(inspect: () => AsyncIterable<Found>, id: string): Promise<Whereabouts | undefined> {
  for (let look = 0; look < looks; look++)
    for await (const found of inspect()) if ("at" in found && found.id === id) return found.at;
  return undefined;
}
