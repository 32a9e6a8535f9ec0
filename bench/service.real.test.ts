/** That the callers are answered to the end, not how fast. */
import { expect, test } from "vitest";
import { callers } from "./service.ts";

test(
  "callers are answered with an empty queue and beside a backlog, and the figures say how fast",
  { timeout: 600_000 },
  async () => {
    const lines: string[] = [];
    const options = { rounds: 1, seconds: 1, perSecond: 20, backlogJobs: 500 };
    const { figures, table } = await callers(options, (line) => lines.push(line));
    expect(figures["mostPerSecond"]).toBeGreaterThan(0);
    expect(Object.keys(figures)).toEqual(expect.arrayContaining(["emptyP99Ms", "backlogP99Ms", "backlogToEmptyP99"]));
    expect(lines).toHaveLength(1);
    expect(new Set(table.map((row) => row.length)).size).toBe(1);
  },
);
