import { expect, test } from "vitest";
import { measureChecker } from "./checker.ts";

test("a synthetic history is whole, and every check passes it", { timeout: 120_000 }, async () => {
  const { figures, settings } = await measureChecker(20_000, () => {});
  expect(figures["jobs"]).toBe(20_000);
  expect(figures["records"]).toBeGreaterThan(100_000);
  expect(figures["seconds"]).toBeGreaterThan(0);
  expect(figures["peakRssMiB"]).toBeGreaterThan(0);
  expect(settings).toMatchObject({ verdicts: { "no-acked-loss": "pass", "run-valid": "pass" } });
});
