/** What stands in the terminal when a run is over: the verdict and the figures that one wants first, on one screen. */
import { stripVTControlCharacters, styleText } from "node:util";
import type { Guarantee, Result } from "./contract.ts";
import { deathsCounted, howEnded } from "./deaths.ts";
import { count, duration, plural } from "./figures.ts";
import { processName, sinceLoad } from "./life.ts";
import { written } from "./percentiles.ts";
import {
  acknowledgedText,
  bites,
  blindText,
  byUrgency,
  endToEnd,
  exposed,
  figure,
  latencies,
  leftOutOf,
  paceOf,
  paceText,
  priorityParts,
  recordText,
  recoveryBoundMs,
  slowestRecovery,
  standing,
  type Standing,
} from "./reading.ts";

export interface Look {
  readonly colour: boolean;
  readonly width: number;
}

type Style = Parameters<typeof styleText>[0];
type Paint = (style: Style, text: string) => string;

const signs: Readonly<Record<Standing, readonly [string, Style]>> = {
  pass: ["✔", "green"],
  fail: ["✖", "red"],
  unknown: ["?", "yellow"],
  unexposed: ["?", "yellow"],
  untried: ["·", "dim"],
  "not-claimed": ["·", "dim"],
  "not-observable": ["·", "dim"],
};

const banners = { pass: ["PASS", "green"], fail: ["FAIL", "red"], unknown: ["UNKNOWN", "yellow"] } as const;

/** Lines of guarantees and of reasons that fit beside everything else on the forty lines. */
const guaranteesShown = 15;
const reasonsShown = 3;
const latenciesShown = 5;
const prioritiesShown = 3;

/** At most forty lines, none wider than `width` but the two that one copies. */
export function summary(result: Result, { colour, width }: Look): string {
  const paint: Paint = colour ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
  const [word, hue] = banners[result.verdict];
  const latencyLines = latency(result, paint);
  const dead = deaths(result);
  const sections = [
    [
      ...wrapped(`${word}  ${result.sentence}`, width, 3).map((line, i) =>
        i === 0 ? paint(["bold", hue], word) + paint("bold", line.slice(word.length)) : paint("bold", line),
      ),
      ...result.reasons.slice(0, reasonsShown).map((reason) => `  ${clipped(reason, width - 2)}`),
    ],
    guarantees(
      result,
      width,
      paint,
      guaranteesShown - Math.max(0, latencyLines.length - 1 - latenciesShown) - dead.length - record(result).length,
    ),
    latencyLines,
    [...rates(result), ...recovery(result), ...faults(result), ...blind(result), ...dead, ...record(result)].map(
      ([name, text]) => row(name, text, width, paint),
    ),
    [
      row("report", `${result.run.directory}/report.html`, Infinity, paint),
      row("repeat", result.run.repeat, Infinity, paint),
    ],
  ];
  return sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

const row = (name: string, text: string, width: number, paint: Paint): string =>
  `${paint("dim", name.padEnd(12))}${clipped(text, width - 12)}`;

function guarantees(result: Result, width: number, paint: Paint, most: number): readonly string[] {
  const all = byUrgency(result);
  const shown = all.slice(0, most);
  const names = Math.max(0, ...shown.map(({ name }) => name.length));
  const figures = Math.max(0, ...shown.map((one) => exposedText(one).length));
  const lines = shown.map((guarantee) => {
    const how = standing(guarantee);
    const [sign, style] = signs[how];
    const text =
      `${guarantee.name.padEnd(names)}  ${exposedText(guarantee).padStart(figures)}  ${remark(guarantee)}`.trimEnd();
    const fitting = clipped(text, width - 2);
    return `${paint(style, sign)} ${how === "pass" ? fitting : paint(style, fitting)}`;
  });
  const left = all.length - shown.length;
  return left === 0 ? lines : [...lines, paint("dim", `  and ${left} more in the report`)];
}

function exposedText(guarantee: Guarantee): string {
  if (guarantee.threshold !== undefined) return guarantee.threshold.said;
  const jobs = exposed(guarantee);
  return jobs === undefined ? "" : `${count(jobs)} exposed`;
}

function remark(guarantee: Guarantee): string {
  const violations =
    guarantee.verdict !== "fail"
      ? ""
      : guarantee.threshold === undefined
        ? plural(guarantee.violations, "violation")
        : "missed";
  switch (standing(guarantee)) {
    case "pass":
      return "";
    case "fail":
      return violations;
    case "unexposed":
      return "unknown: no job was exposed, so nothing is proven";
    case "unknown":
      return `unknown: ${figure(guarantee)}`;
    case "untried":
      return "not tried here";
    case "not-claimed":
      return `not claimed${violations === "" ? "" : `; ${violations}`}`;
    case "not-observable":
      return `not observable: ${figure(guarantee)}`;
  }
}

/** By priority only what a priority is about: the wait. */
function latency(result: Result, paint: Paint): readonly string[] {
  const measured = latencies(result)
    .slice(0, latenciesShown)
    .flatMap(({ name, title, measured: one }) => {
      if (one.summary === undefined || one.unit !== "ms") return [];
      const parts = name.startsWith("wait") ? priorityParts(one).slice(0, prioritiesShown) : [];
      return [
        { title, all: one.summary },
        ...parts.map((part) => ({ title: `  ${clipped(part.name, 20)}`, all: part.summary })),
      ];
    });
  if (measured.length === 0) return [];
  const names = Math.max(12, ...measured.map(({ title }) => title.length + 2));
  const line = (cells: readonly string[]): string => cells.map((cell) => cell.padStart(10)).join("");
  return [
    paint("dim", "latency, ms".padEnd(names) + line(["p50", "p90", "p99", "p99.9", "max"])),
    ...measured.map(
      ({ title, all }) =>
        title.padEnd(names) +
        line((["p50", "p90", "p99", "p999", "max"] as const).map((figure) => written(all, figure))),
    ),
  ];
}

type Row = readonly [name: string, text: string];

function rates(result: Result): readonly Row[] {
  const { jobs } = result;
  const pace = paceOf(result);
  const open = endToEnd(result)?.measured.summary?.censored ?? 0;
  return [
    [
      "jobs",
      `${count(jobs.sent)} of ${count(jobs.planned)} sent, ${acknowledgedText(jobs)}, ` +
        `${count(jobs.done)} done, ${count(jobs.dead)} dead${open === 0 ? "" : `, ${count(open)} never ended`}`,
    ],
    ...(pace === undefined ? [] : [["throughput", paceText(pace)] as const]),
  ];
}

function recovery(result: Result): readonly Row[] {
  const slowest = slowestRecovery(result);
  if (slowest === undefined) return [];
  const { ms, open } = slowest;
  const bound = recoveryBoundMs(result);
  const how =
    open === 0
      ? `the last job caught by a fault started again after ${duration(ms)} at most`
      : `${plural(open, "job")} caught by a fault never went on: at least ${duration(ms)}`;
  return [["recovery", `${how}${bound === undefined ? "" : `; bound ${duration(bound)}`}`]];
}

function faults(result: Result): readonly Row[] {
  const { bit, of } = bites(result);
  const known: readonly Row[] = result.known.map(({ guarantee, reason, until }) => [
    "known",
    `${guarantee}, until ${until}: ${reason}`,
  ]);
  const without: readonly Row[] = leftOutOf(result).map((what) => ["without", what]);
  if (of === 0) return [["faults", "none planned"], ...without, ...known];
  const kinds = Map.groupBy(result.run.schedule, ({ fault }) => fault);
  const counted = [...kinds].map(([kind, all]) => `${all.length} ${kind}`);
  return [["faults", `${bit} of ${of} bit: ${counted.join(", ")}`], ...without, ...known];
}

function blind(result: Result): readonly Row[] {
  const text = blindText(result);
  return text === undefined ? [] : [["unseen", text]];
}

function record(result: Result): readonly Row[] {
  const text = recordText(result);
  return text === undefined ? [] : [["record", text]];
}

/** Who ended unasked: the first of them, with the most telling of its last words. */
function deaths(result: Result): readonly Row[] {
  const [first] = result.deaths;
  if (first === undefined) return [];
  const who = processName(result, first.incarnation);
  const when = `${who}, at ${sinceLoad(result, first.at).toFixed(1)} s: ${howEnded(first)}`;
  const words: readonly Row[] = first.lastWords.length === 0 ? [] : [["", first.lastWords.join(" / ")]];
  return [
    ["deaths", `${deathsCounted(result.deaths)}; ${result.deaths.length > 1 ? "the first was " : ""}${when}`],
    ...words,
  ];
}

/** Text of others, without anything that a terminal would obey. */
const tame = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(/\p{Cc}+/gu, " ")
    .trimEnd();

function clipped(text: string, width: number): string {
  const clean = tame(text);
  return clean.length <= width ? clean : `${clean.slice(0, Math.max(0, width - 1))}…`;
}

function wrapped(text: string, width: number, most: number): readonly string[] {
  const lines: string[] = [];
  for (const word of tame(text).split(" ")) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  const kept = lines.length <= most ? lines : [...lines.slice(0, most - 1), lines.slice(most - 1).join(" ")];
  return kept.map((line) => clipped(line, width));
}
