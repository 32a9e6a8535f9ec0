/** All tests, run as the engine runs its own. */
import { defineConfig, mergeConfig } from "vitest/config";
import engine from "./engine/vitest.config.ts";
import { findPromtool } from "./test/programs.mjs";

export default mergeConfig(
  engine,
  defineConfig({
    test: {
      exclude: ["**/node_modules/**", "dist/**", "runs/**"],
      env: { PROMTOOL: findPromtool() ?? "" },
    },
  }),
);
