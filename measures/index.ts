/** All figures by name, in the order in which a report shows them. */
import { backlog } from "./backlog.ts";
import type { Measure } from "./contract.ts";
import { cpu } from "./cpu.ts";
import { depth } from "./depth.ts";
import { endToEndLatency } from "./end-to-end-latency.ts";
import { enqueueLatency } from "./enqueue-latency.ts";
import { latencyOverTime } from "./latency-over-time.ts";
import { latenessOverTime } from "./lateness-over-time.ts";
import { lateness } from "./lateness.ts";
import { loadOverTime } from "./load-over-time.ts";
import { overdue } from "./overdue.ts";
import { outcomes } from "./outcomes.ts";
import { recoveryTime } from "./recovery-time.ts";
import { runLatency } from "./run-latency.ts";
import { throughput } from "./throughput.ts";
import { waitLatency } from "./wait-latency.ts";
import { workersAlive } from "./workers-alive.ts";

export const measures = {
  "enqueue-latency": enqueueLatency,
  "wait-latency": waitLatency,
  "run-latency": runLatency,
  "end-to-end-latency": endToEndLatency,
  throughput,
  outcomes,
  backlog,
  depth,
  "latency-over-time": latencyOverTime,
  "workers-alive": workersAlive,
  "recovery-time": recoveryTime,
  overdue,
  lateness,
  "load-over-time": loadOverTime,
  "lateness-over-time": latenessOverTime,
  cpu,
} as const satisfies Record<string, Measure>;
