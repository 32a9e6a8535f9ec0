/**
 * The final scan: every place that the system still holds something in, put on file as records that checks can judge.
 */
import type { Leftover } from "../history/journal.ts";
import type { Recorder } from "../history/recorder.ts";
import {
  deadFieldNames,
  deadFields,
  killsItsWorker,
  noJob,
  noWorker,
  places,
  type DeadField,
  type PlaceName,
} from "../history/record.ts";
import type { Connection, DeadEntry } from "../systems/contract.ts";
import { readPlannedError, type WorkScript } from "../fleet/load/work-script.ts";

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
  let { queue } = connection;
  let pending = 0;
  for await (const place of connection.scan()) {
    if ("leftover" in place) leftovers.push(...leftover(place.leftover, place.count));
    else if ("cardinality" in place) stated.set(place.cardinality, (stated.get(place.cardinality) ?? 0) + place.count);
    else {
      seen.set(place.at, (seen.get(place.at) ?? 0) + 1);
      const job = script.decode(place.payload);
      if (job === undefined) {
        const whose = script.origin(place.payload) ?? noJob;
        recorder.append("corrupt", { job: whose, code: places[place.at] });
      } else if (place.at !== "dead") recorder.append("place", { job, code: places[place.at] });
      else {
        queue ??= place.entry.origin;
        const isKiller = script.plannedFailures(job) === killsItsWorker;
        recordLetter(recorder, job, place.entry, fieldsOf(job, isKiller, place.entry, queue));
      }
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

/** What it says, as numbers, for a check to hold against the record of all processes. */
function recordLetter(recorder: Pick<Recorder, "append">, job: number, entry: DeadEntry, micros: number): void {
  const { attempts = 0, enqueuedAt, failedAt, worker } = entry;
  recorder.append("place", { job, code: places.dead, attempt: Math.min(attempts, 255), micros });
  if (enqueuedAt !== undefined) recorder.append("deadEnqueued", { job, micros: moduloOf(enqueuedAt) });
  recorder.append("deadFailed", { job, micros: moduloOf(failedAt ?? 0), code: incarnationIn(worker) });
}

const moduloOf = (ms: number): number => (Number.isFinite(ms) ? Math.floor(ms) >>> 0 : 0);

/** By the name that each process connects with. */
function incarnationIn(worker: string | undefined): number {
  const [, incarnation] = /worker-\d+-(\d+)/.exec(worker ?? "") ?? [];
  return incarnation === undefined ? noWorker : Math.min(Number(incarnation), noWorker);
}

/** None where nothing is left. @throws when it is no number of things */
function leftover(what: string, count: number): readonly Leftover[] {
  if (!Number.isInteger(count) || count < 0)
    throw new Error(`the system's scan says that ${count} × ${what} are left, which is no number of things`);
  return count === 0 ? [] : [{ what, count }];
}

/**
 * The fields that are there and right, as bits: held against what its own errors say, not against what the policy is.
 * That it was decoded says that the payload is. Where each run ended its process, no error is ours, and any text will
 * do.
 */
function fieldsOf(job: number, killer: boolean, entry: DeadEntry, queue: string | undefined): number {
  const { origin, attempts, firstError, lastError, enqueuedAt, failedAt, worker } = entry;
  const first = readPlannedError(firstError ?? "");
  const last = readPlannedError(lastError ?? "");
  const right: Readonly<Record<DeadField, boolean>> = {
    payload: true,
    origin: isText(origin) && origin === queue,
    attempts: attempts !== undefined && (killer || attempts > 0) && (last === undefined || attempts === last.attempt),
    firstError: killer ? isText(firstError) : first?.job === job && first.attempt === 1,
    lastError: killer ? isText(lastError) : last?.job === job,
    enqueuedAt: enqueuedAt !== undefined && enqueuedAt > 0 && enqueuedAt <= (failedAt ?? enqueuedAt),
    failedAt: failedAt !== undefined && failedAt > 0,
    worker: isText(worker),
  };
  return deadFieldNames.reduce((bits, name) => (right[name] ? bits | deadFields[name] : bits), 0);
}

const isText = (value: string | undefined): boolean => value !== undefined && value !== "";
