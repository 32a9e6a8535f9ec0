/**
 * What a person sees while a run goes on: a small board that is drawn over itself, or a line now and then without a
 * terminal.
 */
import { clearScreenDown, moveCursor } from "node:readline";
import { styleText } from "node:util";
import type { Progress, Stage } from "../harness/progress.ts";
import { columnsOf, cutTo } from "./columns.ts";

export interface Live {
  show(progress: Progress): void;
  /** Leaves the last board where it is. */
  end(): void;
}

const stages: Readonly<Record<Stage, string>> = {
  starting: "starting the store, the proxies and the fleet",
  load: "load and trouble",
  healing: "healing the last faults",
  draining: "draining until nothing is left to do",
  stopping: "stopping the fleet",
  scanning: "scanning what the store still holds",
  judging: "judging the history",
};

const lineEveryMs = 5000;

export const live = (output: NodeJS.WriteStream): Live => (output.isTTY ? board(output) : lines(output));

function board(output: NodeJS.WriteStream): Live {
  let drawn: readonly string[] = [];
  return {
    show(progress) {
      // One is left free: in the last some terminals begin the next line. Some say that they have none.
      const columns = Math.max(2, output.columns || 80) - 1;
      const rows = boardRows(progress, Math.min(columns, 100)).map((row) => cutTo(row, columns));
      // A terminal that was made narrower since has broken them into more lines.
      const lines = drawn.reduce((sum, row) => sum + Math.max(1, Math.ceil(columnsOf(row) / (columns + 1))), 0);
      if (lines > 0) moveCursor(output, 0, -lines);
      clearScreenDown(output);
      output.write(`${rows.join("\n")}\n`);
      drawn = rows;
    },
    end: () => void (drawn = []),
  };
}

function boardRows(progress: Progress, width: number): readonly string[] {
  const { stage, elapsedMs, leftMs, workers, faults, counts } = progress;
  const share = stage === "starting" ? 0 : leftMs === undefined ? 1 : elapsedMs / (elapsedMs + leftMs);
  const left =
    leftMs !== undefined
      ? `${clock(leftMs)} left`
      : progress.drain === undefined
        ? ""
        : `at most ${clock(progress.drain.leftMs)} left`;
  const column = (name: string, value: string): string => `${styleText("dim", name)} ${value}`;
  return [
    `${styleText("bold", stages[stage])}  ${styleText("dim", `${clock(elapsedMs)} gone  ${left}`)}`,
    bar(Math.min(1, Math.max(0, share)), Math.max(1, width - 1)),
    [
      column("offered", `${count(progress.offeredPerSecond)}/s`),
      column("done", `${count(progress.donePerSecond)}/s`),
      ...(isDriven(stage) ? [column("backlog", `${count(progress.backlog)}${unmoved(progress)}`)] : []),
      column("workers", `${workers.alive} of ${workers.of}`),
      ...(counts.behindMs > 1000
        ? [styleText("yellow", `load is ${(counts.behindMs / 1000).toFixed(1)} s behind`)]
        : []),
    ].join("   "),
    [
      column("jobs", `${count(counts.sent)} of ${count(progress.planned)}`),
      column("faults", `${faults.past} of ${faults.of} over`),
      faults.inForce.length === 0 ? styleText("dim", "none in force") : styleText("red", faults.inForce.join("  ")),
    ].join("   "),
  ];
}

function bar(share: number, width: number): string {
  const full = Math.round(share * width);
  return styleText("cyan", "━".repeat(full)) + styleText("dim", "─".repeat(Math.max(0, width - full)));
}

function lines(output: NodeJS.WriteStream): Live {
  let lastMs = Number.NEGATIVE_INFINITY;
  let lastStage: Stage | undefined;
  return {
    show(progress) {
      if (progress.stage === lastStage && progress.elapsedMs - lastMs < lineEveryMs) return;
      lastMs = progress.elapsedMs;
      lastStage = progress.stage;
      const { stage, elapsedMs, counts, workers, faults } = progress;
      output.write(
        `${clock(elapsedMs)}  ${stage}: ${count(counts.sent)}/${count(progress.planned)} jobs, offered ${count(progress.offeredPerSecond)}/s, done ${count(progress.donePerSecond)}/s, ` +
          `${isDriven(stage) ? `backlog ${count(progress.backlog)}${unmoved(progress)}, ` : ""}workers ${workers.alive}/${workers.of}, faults ${faults.past}/${faults.of}${faults.inForce.length === 0 ? "" : `, in force: ${faults.inForce.join(" ")}`}\n`,
      );
    },
    end() {},
  };
}

/** What ends a drain early; told once it may be of interest. */
const unmoved = ({ drain }: Progress): string =>
  drain === undefined || drain.unmovedMs < 1000
    ? ""
    : `, unmoved for ${clock(drain.unmovedMs)} of at most ${clock(drain.stuckMs)}`;

/** While there is a backlog to watch; afterwards the drain has said that there is none. */
const isDriven = (stage: Stage): boolean => stage === "load" || stage === "healing" || stage === "draining";

const count = (value: number): string => Math.round(value).toLocaleString("en-US");

/** Minutes and seconds. */
export function clock(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
