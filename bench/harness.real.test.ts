/** That every lap is run to its end, not how fast. */
import { expect, test } from "vitest";
import { measureHarness } from "./harness.ts";

test("laps inside, outside and proxied end, and the figures say how fast", { timeout: 240_000 }, async () => {
  const lines: string[] = [];
  const options = { rounds: 1, lapSeconds: 0.1, lapJobsMin: 500, warmUpJobs: 300 };
  const { figures, table } = await measureHarness(options, (line) => lines.push(line));
  for (const figure of Object.values(figures)) expect(figure).toBeGreaterThan(0);
  expect(Object.keys(figures)).toEqual(
    expect.arrayContaining(["insideToOutside", "proxiedToDirect", "engineInHarnessToBare"]),
  );
  expect(lines).toHaveLength(2);
  expect(new Set(table.map((row) => row.length)).size).toBe(1);
});
