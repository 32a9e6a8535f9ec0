/** The engine's tests, two files at a time: real ones start servers and processes of their own, and measure time. */
import { defineConfig } from "vitest/config";
import type { Reporter } from "vitest/node";

/** Says which tests did not run: their names, or those of their groups, say why. */
const skipped: Reporter = {
  onTestRunEnd(modules) {
    for (const module of modules)
      for (const test of module.children.allTests("skipped")) console.log(`- not run: ${test.fullName}`);
  },
};

export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    reporters: ["default", skipped],
    pool: "forks",
    maxWorkers: 2,
    // A busy machine is ten times slower; a test that hangs still ends.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
});
