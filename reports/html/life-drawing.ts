/**
 * One job's life on a time axis, beside the faults that were in force. A lane for each fault that touched it and for
 * each process that had it; runs are bars, everything else is a mark. Plain SVG: it needs no script.
 *
 *   broker-stop-1             ░░░░░░░░░░░░
 *   producer 0     ●●
 *   worker 2         ▬▬▬▬▬▬✕
 *   worker 3                        ▬▬▬▬▬●
 *                  0   +2.1 ms     +4.2 s
 */
import type { Incarnation, Incident, LifeEvent } from "../../history/ledger.ts";
import type { Kind } from "../../history/record.ts";
import type { Result } from "../contract.ts";
import { duration } from "../figures.ts";
import { befell, processName, sinceLoad, told } from "../life.ts";
import { markup, type Markup, type Piece } from "../markup.ts";
import { familyOf, faultAnchor } from "./families.ts";
import { lifeAxis, type LifeAxis } from "./life-axis.ts";

const width = 900;
const gutter = 190;
const lane = 24;
/** A label this near to the right end stands before it instead of around it. */
const endRoom = 34;

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

/** From its first event to its last, or to the end of the process that had it; ns since the origin. */
export function extentOf(result: Result, life: readonly LifeEvent[]): { readonly from: number; readonly to: number } {
  const events = life.filter(({ kind }) => kind !== "place");
  const runs = runsOf(result, events);
  return {
    from: Math.min(...events.map(({ at }) => at)),
    to: Math.max(...events.map(({ at }) => at), ...runs.map(({ to }) => to)),
  };
}

export function lifeDrawing(result: Result, life: readonly LifeEvent[]): Markup {
  const events = life.filter(({ kind }) => kind !== "place");
  if (events.length === 0) return markup``;
  const runs = runsOf(result, events);
  const lanes = [...new Set(events.map(({ incarnation }) => incarnation))];
  const { from, to } = extentOf(result, events);
  const meanwhile = result.incidents.filter((incident) => incident.from <= to && incident.to >= from);
  const faults = meanwhile.filter((incident) => lanes.some((one) => incident.incarnations.includes(one)));
  const elsewhere = meanwhile.filter((incident) => !faults.includes(incident));
  const within = (at: number): boolean => at > from && at < to;
  const axis = lifeAxis(
    [
      ...events.map(({ at }) => at),
      ...runs.map((run) => run.to),
      ...faults.flatMap((fault) => [fault.from, fault.to]).filter(within),
    ],
    (events.find(({ kind }) => kind === "send") ?? events[0])?.at ?? from,
    gutter,
    width,
  );
  const laneTop = (row: number): number => 6 + row * lane;
  const bottom = laneTop(faults.length + lanes.length);
  return markup`<div class="wide"><svg class="lanes life" viewBox="0 0 ${width} ${bottom + 26}"
role="img" aria-label="The job's life on a time axis, beside the faults in force">
${axis.ticks.map((tick) => tickMark(tick, bottom))}
${faults.map((fault, i) => faultLane(result, fault, laneTop(i), bottom, axis))}
${lanes.map((incarnation, i) => processLane(result, incarnation, events, runs, laneTop(faults.length + i), axis))}
</svg></div>
<p class="note">Time counts from the send; long pauses are drawn shorter than they were. Bars are runs of the handler${
    runs.some(({ how }) => how === "cut") && ", pale where they never ended"
  }; a cross is the end of the process.${elsewhere.length > 0 && alsoInForce(elsewhere)}</p>`;
}

const alsoInForce = (elsewhere: readonly Incident[]): Markup =>
  markup` Also in force meanwhile, but not on these processes: ${elsewhere.map(
    ({ id }, i) => markup`${i > 0 && ", "}<a href="#${faultAnchor(id)}">${id}</a>`,
  )}.`;

function tickMark({ x, label }: LifeAxis["ticks"][number], bottom: number): Markup {
  const isLast = x > width - endRoom;
  return markup`<path class="grid" d="M${px(x)} 4V${bottom}"/>
<text class="tick${isLast && " end"}" x="${px(isLast ? width : x)}" y="${bottom + 16}">${label}</text>`;
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

function faultLane(result: Result, fault: Incident, top: number, bottom: number, { x }: LifeAxis): Markup {
  const left = x(fault.from);
  const long = x(fault.to) - left;
  const family = familyOf(fault.effect);
  const when = `from ${sinceLoad(result, fault.from).toFixed(2)} s for ${duration((fault.to - fault.from) / 1e6)}`;
  const title = `${fault.id}: ${befell(fault)}, ${when}`;
  return markup`
<a href="#${faultAnchor(fault.id)}"><title>${title}</title><text class="name" x="0" y="${top + 16}">${fault.id}</text>
<rect class="shade ${family}" x="${px(left)}" y="${top}" width="${px(Math.max(long, 1))}" height="${bottom - top}"/>
<rect class="band ${family}" x="${px(left)}" y="${top + 6}" width="${px(Math.max(long, 2))}" height="12" rx="2"/></a>`;
}

function processLane(
  result: Result,
  incarnation: number,
  events: readonly LifeEvent[],
  runs: readonly Run[],
  top: number,
  { x }: LifeAxis,
): Markup {
  const middle = top + lane / 2;
  const process = processOf(result, incarnation);
  const last = Math.max(...events.map(({ at }) => at), ...runs.map(({ to }) => to));
  const killed =
    process?.end === "killed" && process.exitedAt !== undefined && process.exitedAt <= last
      ? process.exitedAt
      : undefined;
  const left = process === undefined ? gutter : Math.max(x(process.spawnedAt), gutter);
  const right = process?.exitedAt === undefined ? width : x(process.exitedAt);
  const bar = ({ from, to, how, title }: Run): Markup =>
    markup`<rect class="run ${how}" x="${px(x(from))}" y="${middle - 5}" width="${px(Math.max(x(to) - x(from), 2))}"
height="10" rx="2"><title>${title}</title></rect>`;
  const cross = (at: number): Markup =>
    markup`<path class="killed" d="M${px(x(at) - 4)} ${middle - 4}l8 8m0 -8l-8 8">
<title>killed at ${sinceLoad(result, at).toFixed(4)} s</title></path>`;
  const dot = (event: LifeEvent): Piece =>
    marks[event.kind] !== undefined &&
    markup`<circle class="event ${marks[event.kind]}" cx="${px(x(event.at))}" cy="${middle}" r="4">
<title>${told(event)}</title></circle>`;
  return markup`
<text class="name" x="0" y="${top + 16}">${processName(result, incarnation)}</text>
<path class="alive" d="M${px(left)} ${middle}H${px(right)}"/>
${runs.filter((run) => run.incarnation === incarnation).map(bar)}
${killed !== undefined && cross(killed)}
${events.filter((event) => event.incarnation === incarnation).map(dot)}`;
}
