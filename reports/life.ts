/** One job's life in words: what happened, in which process, which faults were in force. */
import { effects } from "../history/effects.ts";
import type { Incident, LifeEvent } from "../history/ledger.ts";
import { alwaysFails, asDuplicate, places, settledAs } from "../history/record.ts";
import type { Result } from "./contract.ts";
import { duration } from "./figures.ts";

const keysWhere = (table: Readonly<Record<string, number>>, holds: (value: number) => boolean): readonly string[] =>
  Object.entries(table).flatMap(([name, value]) => (holds(value) ? [name] : []));

export function told(event: LifeEvent): string {
  switch (event.kind) {
    case "send":
      return `sent${script(event)}`;
    case "ok":
      return event.code === asDuplicate
        ? "enqueue acknowledged as a job that was there before"
        : "enqueue acknowledged";
    case "refused":
      return "enqueue refused before anything was written";
    case "unknown":
      return "enqueue not answered: no one knows whether it happened";
    case "start":
      return `attempt ${event.attempt} starts`;
    case "end":
      return `attempt ${event.attempt} ends well`;
    case "failed":
      return `attempt ${event.attempt} fails`;
    case "accepted":
      return `settlement as ${keysWhere(settledAs, (code) => code === event.code).join()} accepted`;
    case "settlementRefused":
      return "settlement refused";
    case "settlementUnknown":
      return "settlement not answered: no one knows whether it happened";
    case "corrupt":
      return "delivered with a payload that is not what was enqueued";
    case "place": {
      const where = keysWhere(places, (bit) => (event.code & bit) !== 0);
      return `found in the final scan: ${where.join(" and ") || "nowhere"}`;
    }
    case "delayed":
      return `it must not start for ${duration(event.micros / 1000)}`;
    case "repeated":
      return `it is enqueued under the key of job ${event.micros}`;
    case "aborted":
      return "run withdrawn by the system";
    case "deadEnqueued":
      return "its dead-letter entry says when it was enqueued";
    case "deadFailed":
      return "its dead-letter entry says when it failed";
    case "storeTime":
    case "depth":
      return "asked the store";
    case "tick":
      return "process is alive";
    case "close":
      return "process ends on purpose";
  }
}

function script(event: LifeEvent): string {
  const fails =
    event.code === 0
      ? ""
      : event.code === alwaysFails
        ? ", fails every time"
        : `, fails ${event.code === 1 ? "once" : `${event.code} times`}`;
  return event.micros === 0 && fails === "" ? "" : ` (planned: runs ${duration(event.micros / 1000)}${fails})`;
}

/** `worker 2, process 7`: the place in the fleet and which of the run's processes held it. */
export function processName(result: Result, incarnation: number): string {
  const process = result.processes.find((one) => one.incarnation === incarnation);
  if (process === undefined) return `process ${incarnation}`;
  return process.role === "harness" ? "harness" : `${process.role} ${process.slot}, process ${process.incarnation}`;
}

/** `worker 2 cut off`: whom a fault hit, and what befell them. */
export function befell({ touches, effect }: Incident): string {
  const hit = touches.map((resource) =>
    resource === "store" ? "everybody" : resource.replace(/^(link|clock):/, "").replace(":", " "),
  );
  return `${hit.join(", ")} ${effects[effect].said}`;
}

/** Faults in force at that moment that hit that process. */
export const inForce = (result: Result, at: number, incarnation: number): readonly Incident[] =>
  result.incidents.filter(
    (incident) =>
      incident.from <= at &&
      at <= incident.to &&
      (incident.effect === "store-away" || incident.incarnations.includes(incarnation)),
  );

export const nsPerSecond = 1e9;

/** Seconds since the load began: the one time axis of all reports. */
export const sinceLoad = (result: Result, at: number): number => (at - result.phases.loadFrom) / nsPerSecond;
