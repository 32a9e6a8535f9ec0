/** A comparison as it may come out, for trying its reports: `equal`, `slower`, or with the faster one `broken`. */
import type { Comparison, Configuration, LapFigures, Ratio } from "../contract.ts";

export type ComparisonSample = "equal" | "slower" | "broken";

const configuration = (key: string, label: string, speed: number): Configuration => ({
  key,
  label,
  system: key.split("-")[0] ?? key,
  profile: "defaults",
  about: `The queue called ${label}.`,
  settings: { leaseMs: 5000 },
  promises: { verdict: "pass", judged: 5, broken: [], unknown: [] },
  figures: {
    jobsPerSecond: 40_000 * speed,
    latencyP50Ms: 1.5 / speed,
    latencyP99Ms: 12.25 / speed,
    cpuMicrosPerJob: 20 / speed,
  },
  wallJobsPerSecond: 31_000 * speed,
  latency: {
    jobs: 20_000,
    unfinished: 0,
    p50: 1.6 / speed,
    p90: 4 / speed,
    p99: 13 / speed,
    p999: 30 / speed,
    max: 44 / speed,
    curve: [
      [0, 0.5],
      [50, 1.6 / speed],
      [90, 4 / speed],
      [99, 13 / speed],
      [100, 44 / speed],
    ],
  },
});

const ratio = (figure: Ratio["figure"], value: number, margin: number): Ratio => ({
  figure,
  ratio: value,
  from: value * 0.97,
  to: value * 1.03,
  margin,
  laps: 160,
  says:
    Math.abs(value - 1) < 0.05 ? "no difference seen" : value < 1 === (figure === "jobsPerSecond") ? "worse" : "better",
});

const lap = (name: string, round: number, kind: LapFigures["kind"]): LapFigures => ({
  configuration: name,
  round,
  lap: 0,
  kind,
  jobs: 5000,
  unfinished: 0,
  wallMs: 161.2,
  undisturbedMs: 125,
  workerMicrosPerJob: 14,
  brokerMicrosPerJob: 6,
  p50Ms: 1.5,
  p99Ms: 12.25,
});

// long: one comparison as data
export function sampleComparison(sample: ComparisonSample): Comparison {
  const speed = sample === "equal" ? 1 : sample === "slower" ? 0.9 : 1.5;
  const [base, other] = [configuration("stream", "stream", 1), configuration("odd", "odd <b>queue</b>", speed)];
  const broken = {
    guarantee: "no-acked-loss",
    violations: 3,
    what: "Job 17 was acknowledged | and is nowhere.",
    where: "round 2",
  };
  const verdict = sample === "broken" ? "fail" : "pass";
  return {
    format: 1,
    verdict,
    sentence:
      sample === "broken"
        ? "odd <b>queue</b> broke a promise: the speed of what does not do its work is worth nothing."
        : "Every configuration kept all of its promises.",
    reasons: sample === "broken" ? [`odd broke no-acked-loss (round 2): ${broken.what}`] : [],
    id: "2026-01-02T03-04-05-678-compare-stream-odd",
    directory: "runs/2026-01-02T03-04-05-678-compare-stream-odd",
    startedAt: "2026-01-02T03:04:05.678Z",
    seconds: 131.4,
    seed: "sample",
    repeat: "whitewater compare stream odd --seed sample --scenario smoke",
    configurations: [
      base,
      sample === "broken"
        ? { ...other, promises: { verdict: "fail", judged: 5, broken: [broken], unknown: [] } }
        : other,
    ],
    pairs: [
      {
        base: "stream",
        other: "odd",
        ratios: [
          ratio("jobsPerSecond", speed, 0.02),
          ratio("latencyP50Ms", 1 / speed, 0.1),
          ratio("latencyP99Ms", 1 / speed, 0.2),
          ratio("cpuMicrosPerJob", 1 / speed, 0.02),
        ],
      },
    ],
    method: {
      scenario: "smoke",
      rounds: 4,
      backlogLaps: 160,
      steadyLaps: 20,
      backlogJobs: 5000,
      offeredPerSecond: 9000,
      steadySeconds: 0.7,
      load: { producers: 1, workers: 1, concurrency: "100", payloadBytes: 200, runMs: [0, 0], failing: 0, delayed: 0 },
      failSlowerPercent: null,
    },
    laps: [lap("stream", 0, "backlog"), lap("odd", 0, "backlog"), lap("stream", 0, "steady"), lap("odd", 0, "steady")],
    environment: {
      versions: { node: "24.0.0", whitewater: "0.1.0", redis: "7.0.15" },
      providers: { redis: "started by the run" },
      store: { profile: "aof-everysec", settings: { appendonly: "yes" } },
      machine: { platform: "linux", cpus: 2, cpu: "a processor", memoryGiB: 8 },
      commit: null,
    },
  };
}
