/**
 * One job's life on a time axis, beside the faults that were in force. A lane for each fault that touched it and for
 * each process that had it; runs are bars, everything else is a mark. Plain SVG: it needs no script.
 *
 *   broker-stop-1             ░░░░░░░░░░░░
 *   producer 0     ●●
 *   worker 2         ▬▬▬▬▬▬✕
 *   worker 3                        ▬▬▬▬▬●
 *                 0         2         4 s
 */
import type { Incarnation, Incident, LifeEvent } from "../../history/ledger.ts";
import type { Kind } from "../../history/record.ts";
import type { Result } from "../contract.ts";
import { nsPerSecond, processName, sinceLoad, told } from "../life.ts";
import { markup, type Markup } from "../markup.ts";
import { ticksBetween } from "./ticks.ts";

const width = 860;
const gutter = 178;
const margin = 14;
const lane = 24;

/** How an event is marked; runs are drawn from their own two events. */
const marks: Readonly<Partial<Record<Kind, "good" | "bad" | "open">>> = {
  send: "open",
  ok: "good",
  refused: "bad",
  unknown: "bad",
  accepted: "good",
  settlementRefused: "bad",
  settlementUnknown: "bad",
  corrupt: "bad",
};

interface Run {
  readonly incarnation: number;
  readonly from: number;
  readonly to: number;
  readonly how: "ended" | "failed" | "cut";
  readonly title: string;
}

export function lifeDrawing(result: Result, life: readonly LifeEvent[]): Markup {
  const events = life.filter(({ kind }) => kind !== "place");
  if (events.length === 0) return markup``;
  const runs = runsOf(result, events);
  const lanes = [...new Set(events.map(({ incarnation }) => incarnation))];
  const first = Math.min(...events.map(({ at }) => at));
  const last = Math.max(...events.map(({ at }) => at), ...runs.map(({ to }) => to));
  const pad = Math.max((last - first) * 0.05, 2e6);
  const [from, to] = [first - pad, last + pad];
  const faults = result.incidents.filter(
    (incident) =>
      incident.from <= to && incident.to >= from && lanes.some((one) => incident.incarnations.includes(one)),
  );
  const x = (at: number): number =>
    gutter + ((Math.min(Math.max(at, from), to) - from) / (to - from)) * (width - gutter - margin);
  const laneTop = (row: number): number => 6 + row * lane;
  const bottom = laneTop(faults.length + lanes.length);
  const zero = result.phases.loadFrom;
  const ticks = ticksBetween((from - zero) / nsPerSecond, (to - zero) / nsPerSecond, 6);
  return markup`<div class="wide"><svg class="lanes" viewBox="0 0 ${width} ${bottom + 26}" role="img" aria-label="The job's life on a time axis">
${ticks.at.map((s) => markup`<path class="grid" d="M${px(x(s * nsPerSecond + zero))} 4V${bottom}"/><text class="tick" x="${px(x(s * nsPerSecond + zero))}" y="${bottom + 16}">${s.toFixed(ticks.decimals)} s</text>`)}
${faults.map((fault, i) => faultLane(fault, laneTop(i), bottom, x))}
${lanes.map((incarnation, i) => processLane(result, incarnation, events, runs, laneTop(faults.length + i), x))}
</svg></div>`;
}

const px = (value: number): string => value.toFixed(1);

function runsOf(result: Result, events: readonly LifeEvent[]): readonly Run[] {
  return events.flatMap((start, i): readonly Run[] => {
    if (start.kind !== "start") return [];
    const { incarnation, attempt, at } = start;
    const over = events
      .slice(i + 1)
      .find(
        (event) =>
          event.incarnation === incarnation &&
          (event.kind === "end" || event.kind === "failed") &&
          event.attempt === attempt,
      );
    const title = `attempt ${attempt}, from ${sinceLoad(result, at).toFixed(4)} s`;
    if (over !== undefined)
      return [{ incarnation, from: at, to: over.at, how: over.kind === "end" ? "ended" : "failed", title }];
    const gone = processOf(result, incarnation)?.exitedAt;
    return [
      {
        incarnation,
        from: at,
        to: gone ?? Math.max(...events.map((event) => event.at)),
        how: "cut",
        title: `${title}, never ended`,
      },
    ];
  });
}

const processOf = (result: Result, incarnation: number): Incarnation | undefined =>
  result.processes.find((one) => one.incarnation === incarnation);

const faultLane = (fault: Incident, top: number, bottom: number, x: (at: number) => number): Markup => markup`
<text class="name" x="0" y="${top + 16}">${fault.id}</text>
<rect class="shade ${fault.effect}" x="${px(x(fault.from))}" y="${top}" width="${px(Math.max(x(fault.to) - x(fault.from), 1))}" height="${bottom - top}"/>
<rect class="band ${fault.effect}" x="${px(x(fault.from))}" y="${top + 6}" width="${px(Math.max(x(fault.to) - x(fault.from), 2))}" height="12" rx="2"/>`;

function processLane(
  result: Result,
  incarnation: number,
  events: readonly LifeEvent[],
  runs: readonly Run[],
  top: number,
  x: (at: number) => number,
): Markup {
  const middle = top + lane / 2;
  const process = processOf(result, incarnation);
  const killed = process?.end === "killed" ? process.exitedAt : undefined;
  const right = process?.exitedAt === undefined ? width - margin : x(process.exitedAt);
  return markup`
<text class="name" x="0" y="${top + 16}">${processName(result, incarnation)}</text>
<path class="alive" d="M${px(process === undefined ? gutter : x(process.spawnedAt))} ${middle}H${px(right)}"/>
${runs.filter((run) => run.incarnation === incarnation).map((run) => markup`<rect class="run ${run.how}" x="${px(x(run.from))}" y="${middle - 5}" width="${px(Math.max(x(run.to) - x(run.from), 2))}" height="10" rx="2"><title>${run.title}</title></rect>`)}
${killed !== undefined && x(killed) < width - margin && markup`<path class="killed" d="M${px(x(killed) - 4)} ${middle - 4}l8 8m0 -8l-8 8"><title>killed</title></path>`}
${events.map((event) => event.incarnation === incarnation && marks[event.kind] !== undefined && markup`<circle class="event ${marks[event.kind]}" cx="${px(x(event.at))}" cy="${middle}" r="4"><title>${told(event)}</title></circle>`)}`;
}
