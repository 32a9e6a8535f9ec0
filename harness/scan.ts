/** The final scan: every place that the system still holds something in, put on file as records that checks can judge. */
import type { Leftover } from "../history/journal.ts";
import type { Recorder } from "../history/recorder.ts";
import { deadFieldNames, deadFields, noJob, places, type DeadField, type PlaceName } from "../history/record.ts";
import type { Connection, DeadEntry } from "../systems/contract.ts";
import { plannedError, type WorkScript } from "./load/work-script.ts";

export interface Scanned {
  readonly finished: boolean;
  /** The pages add up to the store's own counts. */
  readonly agrees: boolean;
  readonly leftovers: readonly Leftover[];
  readonly why?: string;
}

export async function scan(connection: Connection, script: WorkScript, recorder: Recorder): Promise<Scanned> {
  const leftovers: Leftover[] = [];
  const seen = new Map<PlaceName, number>();
  const stated = new Map<PlaceName, number>();
  let pending = 0;
  for await (const place of connection.scan()) {
    if ("leftover" in place) leftovers.push({ what: place.leftover, count: place.count });
    else if ("cardinality" in place) stated.set(place.cardinality, (stated.get(place.cardinality) ?? 0) + place.count);
    else {
      seen.set(place.at, (seen.get(place.at) ?? 0) + 1);
      const job = script.decode(place.payload);
      if (job === undefined) recorder.append("corrupt", { job: noJob, code: places[place.at] });
      else if (place.at !== "dead") recorder.append("place", { job, code: places[place.at] });
      else
        recorder.append("place", {
          job,
          code: places.dead,
          attempt: Math.min(place.entry.attempts ?? 0, 255),
          micros: fieldsOf(job, place.entry),
        });
      if (++pending % 1000 === 0) await recorder.commit();
    }
  }
  await recorder.commit();
  const apart = [...stated].filter(([place, count]) => count !== (seen.get(place) ?? 0));
  return {
    finished: true,
    agrees: apart.length === 0,
    leftovers,
    ...(apart.length === 0
      ? {}
      : {
          why: apart
            .map(([place, count]) => `${place}: read ${seen.get(place) ?? 0}, the store counts ${count}`)
            .join("; "),
        }),
  };
}

/** The fields that are there and right, as bits. That it was decoded says that the payload is. */
function fieldsOf(
  job: number,
  { origin, attempts, firstError, lastError, enqueuedAt, failedAt, worker }: DeadEntry,
): number {
  const right: Readonly<Record<DeadField, boolean>> = {
    payload: true,
    origin: origin !== undefined && origin !== "",
    attempts: attempts !== undefined && attempts > 0,
    firstError: firstError?.includes(plannedError(job, 1)) === true,
    lastError: attempts !== undefined && lastError?.includes(plannedError(job, attempts)) === true,
    enqueuedAt: enqueuedAt !== undefined && enqueuedAt > 0 && enqueuedAt <= (failedAt ?? enqueuedAt),
    failedAt: failedAt !== undefined && failedAt > 0,
    worker: worker !== undefined && worker !== "",
  };
  return deadFieldNames.reduce((bits, name) => (right[name] ? bits | deadFields[name] : bits), 0);
}
