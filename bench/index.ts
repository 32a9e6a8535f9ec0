/** All benchmarks by name: each module exports one `bench`, loaded when chosen. */
import type { Bench } from "./contract.ts";

export const benches = {
  checker: () => import("./checker.ts"),
  crowd: () => import("./crowd.ts"),
  engine: () => import("./engine.ts"),
  harness: () => import("./harness.ts"),
  service: () => import("./service.ts"),
} satisfies Record<string, () => Promise<{ readonly bench: Bench }>>;
