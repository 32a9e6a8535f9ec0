/** How a command takes thresholds, and what its help says of them. */
import type { Option } from "./command.ts";

export const thresholdOption: Option = {
  about: 'what is fast enough, such as "p99(end-to-end) < 500ms" (repeatable): a missed one fails the run',
  value: "TEXT",
  many: true,
};

export const thresholdHelp = `Thresholds: FIGURE(MEASURE) [during quiet | during faults | after faults] [for PRIORITY] < BOUND [else end]
  "p99(end-to-end) < 500ms"      avg, min, med, max, p95, p99.9, count of a latency; <, <=, > or >= and ms, s or min
  "max(recovery-time) < 8s"      what a fault took out of somebody's hands
  "rate(throughput) > 1000/s"    jobs done in a second of the load, on average
  "rate(outcomes.dead) < 1%"     a share: of done, dead, refused, unanswered, never ended
  "max(backlog.waiting) < 5000"  a line of what is told second by second: avg, min, max
  "p99(wait) during quiet for urgent < 200ms else end"  before the first fault, of one priority; ends the run once it cannot be held`;
