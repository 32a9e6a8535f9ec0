/** That the race is run to its end, not who wins it. */
import { expect, test } from "vitest";
import { race } from "./engine.ts";

test("every contender carries its jobs, and the figures say how fast", { timeout: 240_000 }, async () => {
  const lines: string[] = [];
  const { figures, table } = await race({ rounds: 2, roundSeconds: 0.2, warmUpJobs: 300 }, (line) => lines.push(line));
  for (const figure of Object.values(figures)) expect(figure).toBeGreaterThan(0);
  expect(Object.keys(figures)).toEqual(
    expect.arrayContaining(["engineToBare", "engineToBullmq", "engineJobsPerSecond"]),
  );
  expect(lines).toHaveLength(3);
  expect(new Set(table.map((row) => row.length)).size).toBe(1);
});
