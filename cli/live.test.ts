/** What stays on the screen of a terminal that is as wide as it is. */
import { styleText } from "node:util";
import { expect, test } from "vitest";
import type { Progress } from "../harness/progress.ts";
import { noCounts } from "../fleet/messages.ts";
import { columnsOf, cutTo } from "./columns.ts";
import { live } from "./live.ts";

const styled = (text: string): string => styleText("red", text, { validateStream: false });

test("a text is cut where the columns end, whatever its characters take, and its colour ends", () => {
  expect(cutTo("abc", 3)).toBe("abc");
  expect(cutTo("abcd", 3)).toBe("ab…");
  expect(cutTo(`a${styled("bcd")}e`, 3)).toBe(`a${styled("b…")}`);
  expect(cutTo("漢字かな", 5)).toBe("漢字…");
  expect(cutTo("漢字かな", 4)).toBe("漢…");
  for (const text of [`${styled("worker-kill-1")}  漢字 cut-1`, "a".repeat(50)])
    for (let columns = 1; columns < 60; columns++) expect(columnsOf(cutTo(text, columns))).toBeLessThanOrEqual(columns);
});

/** As much of a terminal as a board needs: lines that wrap, a cursor that goes up, and what is below it cleared. */
class Screen {
  readonly isTTY = true;
  columns: number;
  rows: string[] = [""];
  #row = 0;
  constructor(columns: number) {
    this.columns = columns;
  }
  write(text: string): boolean {
    for (const [, up, clear, feed, one] of text.matchAll(
      // oxlint-disable-next-line no-control-regex -- what moves a cursor begins with one
      /\u001b\[(\d+)A|(\u001b\[0?J)|(\n)|(?:\u001b\[[\d;]*m)|(.)/gu,
    )) {
      if (up !== undefined) this.#row = Math.max(0, this.#row - Number(up));
      else if (clear !== undefined) this.rows.length = this.#row;
      else if (feed !== undefined) this.#row++;
      else if (one !== undefined) {
        if (columnsOf((this.rows[this.#row] ?? "") + one) > this.columns) this.#row++;
        this.rows[this.#row] = (this.rows[this.#row] ?? "") + one;
      }
    }
    return true;
  }
  /** What it shows is broken into as many lines as it takes now. */
  narrow(columns: number): void {
    this.columns = columns;
    this.rows = this.rows.flatMap((row) => {
      const lines = [""];
      for (const one of row) {
        if (columnsOf((lines.at(-1) ?? "") + one) > columns) lines.push("");
        lines[lines.length - 1] += one;
      }
      return lines;
    });
    this.#row = this.rows.length;
  }
  shown(): readonly string[] {
    return this.rows.filter((row) => row !== "");
  }
}

const progress = (elapsedMs: number, inForce: readonly string[]): Progress => ({
  stage: "load",
  elapsedMs,
  leftMs: 60_000,
  planned: 10_000_000,
  counts: { ...noCounts, sent: 1_234_567, behindMs: 4000 },
  offeredPerSecond: 123_456,
  donePerSecond: 123_456,
  backlog: 1_234_567,
  drain: undefined,
  workers: { alive: 60, of: 60 },
  faults: { inForce, past: 12, of: 24 },
});

test.each([20, 40, 80, 120])(
  "with more faults than fit into %i columns there is one board, and nothing is left of those before",
  (columns) => {
    const screen = new Screen(columns);
    const faults = ["worker-kill-12", "requests-lost-1", "fleet-leaves-3", "broker-stop-2", "slow-link-1", "漢字-1"];
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as much of a stream as a board writes to
    const view = live(screen as unknown as NodeJS.WriteStream);
    for (let time = 0; time < 6; time++) view.show(progress(time * 1000, faults.slice(0, time + 1)));
    expect(screen.shown()).toHaveLength(4);
    screen.narrow(Math.ceil(columns * 0.75));
    view.show(progress(7000, []));
    expect(screen.shown()).toHaveLength(4);
  },
);
