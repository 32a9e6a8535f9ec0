/**
 * One project for all tests. Two files at a time: real tests start servers and processes of their own, and measure
 * time.
 */
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    exclude: ["**/node_modules/**", "dist/**", "runs/**"],
    pool: "forks",
    maxWorkers: 2,
    // A busy machine is ten times slower; a test that hangs still ends.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
});
