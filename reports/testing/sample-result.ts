/**
 * Results as runs would give them: one that passes, one that fails with examples, one that is unknown. The same on
 * every call.
 */
import type { Death, Incarnation } from "../../history/ledger.ts";
import type { Overall, Result } from "../contract.ts";
import { seeded } from "../../std/random.ts";
import { incidentsOf, recoveryOf } from "./sample-faults.ts";
import { guaranteesOf, reasons, sentences } from "./sample-guarantees.ts";
import { distributionFrom, liveThrough, seriesFrom } from "./sample-day.ts";

export const sampleNames = ["pass", "fail", "unknown"] as const satisfies readonly Overall[];

const leadIn = 2;
const workers = 4;
const second = 1e9;

function processesOf(seconds: number, killedAt: number): readonly Incarnation[] {
  const end = (leadIn + seconds + 18) * second;
  const one = (incarnation: number, role: Incarnation["role"], slot: number): Incarnation => ({
    incarnation,
    role,
    slot,
    spawnedAt: 0.4 * second,
    exitedAt: end,
    end: "closed",
    exit: { code: 0, signal: null },
    stalls: incarnation === 1 ? [{ from: 41.2 * second, to: 41.43 * second }] : [],
  });
  const killed: Incarnation = {
    ...one(4, "worker", 2),
    exitedAt: killedAt * second,
    end: "killed",
    exit: { code: null, signal: "SIGKILL" },
  };
  return [
    one(1, "producer", 0),
    one(2, "worker", 0),
    one(3, "worker", 1),
    killed,
    one(5, "worker", 3),
    { ...one(6, "worker", 2), spawnedAt: (killedAt + 0.9) * second },
  ];
}

const exhausted: Death = {
  incarnation: 3,
  role: "worker",
  slot: 1,
  at: 61.3 * second,
  code: null,
  signal: "SIGABRT",
  by: "itself",
  lastWords: ["FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"],
};

// long: one result as data
export function sampleResult(kind: Overall, seconds = 90): Result {
  const random = seeded("sample");
  const jobs = Math.round((120_000 * seconds) / 90);
  const incidents = incidentsOf(seconds, { leadIn, workers, repeats: seconds > 600 ? 2 : 1 }, random.fork("incidents"));
  const lived = liveThrough({ seconds, jobs, workers, incidents, leadIn }, random.fork("day"));
  const end = (leadIn + seconds) * second;
  const faults = { from: (incidents[0]?.from ?? 0) / second, to: (incidents.at(-1)?.to ?? 0) / second };
  const killedAt = (incidents.find(({ id }) => id === "worker-kill-3")?.from ?? 0) / second + 0.004;
  const chance = random.fork("latency");
  const tail = (scale: number): number => scale * (-Math.log(1 - chance.unit())) ** 1.4;
  // The lost and the blocked of a run that fails are as old as it is.
  const open = kind === "fail" ? Array.from({ length: 37 }, (_, job) => (seconds * 0.6 + job) * 1000) : [];
  const measure = (
    about: string,
    latency: Parameters<typeof distributionFrom>[2],
    never?: Parameters<typeof distributionFrom>[3],
  ) => ({
    about,
    measured: distributionFrom(lived, faults, latency, never),
  });
  return {
    format: 1,
    verdict: kind,
    sentence: sentences[kind],
    reasons: reasons[kind],
    known: [],
    blind: {
      repeats: [
        { afterSeconds: 1, bySame: 0.0004, byAnother: 0.0012 },
        { afterSeconds: 5, bySame: 0.0006, byAnother: 0.0026 },
        { afterSeconds: 10, bySame: 0, byAnother: 0.0008 },
      ],
      recoveries: [
        { timesBound: 1.5, share: 0.082 },
        { timesBound: 2, share: 0.031 },
      ],
    },
    run: {
      id: "2026-03-14T09-26-53-day-stream",
      directory: "runs/2026-03-14T09-26-53-day-stream",
      startedAt: "2026-03-14T09:26:53.589Z",
      seconds: seconds + 20.4,
      scenario: {
        name: "day",
        about:
          "A ten-million-job day's arrival curve squeezed into a minute and a half, while workers are killed, " +
          "cut off and black-holed and the broker goes away.",
      },
      system: {
        name: "stream",
        about: "The reference engine on Redis Streams.",
        profile: "default",
        settings: { leaseMs: 4000, sweepMs: 1000, batch: 64, prefetch: { perWorker: 128, adaptive: true } },
      },
      seed: "7f3a-19c2",
      repeat: `npx whitewater run day --system stream --seed 7f3a-19c2 --jobs ${jobs}`,
      load: {
        curve: "day",
        jobs,
        seconds,
        producers: 1,
        workers,
        concurrency: 100,
        payloadBytes: 200,
        work: {
          durationMs: [0, 20],
          failing: 0.02,
          alwaysFailing: 0.002,
          killing: 0,
          delayed: { share: 0, upToMs: 0 },
        },
        retries: { attempts: 3, backoffMs: 500 },
      },
      schedule: incidents.map(({ id, fault, from, to, touches }) => ({
        id,
        fault,
        atMs: Math.round(from / 1e6 - leadIn * 1000),
        plan: { lastsMs: Math.round((to - from) / 1e6), touches: [...touches], relies: [] },
      })),
      leftOut: [{ fault: "clock", why: "left out by --without: no compiler is at hand for the clock's shim" }],
    },
    environment: {
      versions: { node: "24.21.0", whitewater: "0.1.0", redis: "7.0.15", toxiproxy: "2.12.0", ioredis: "6.0.0" },
      providers: { redis: "path", toxiproxy: "installed" },
      store: {
        profile: "aof-everysec",
        settings: { appendonly: "yes", appendfsync: "everysec", "maxmemory-policy": "noeviction" },
      },
      paths: {
        "producer 0": "direct",
        "worker 0": "proxied",
        "worker 1": "proxied",
        "worker 2": "proxied",
        "worker 3": "proxied",
      },
      machine: { platform: "linux x64", cpus: 2, cpu: "AMD EPYC 7B13", memoryGiB: 7.8 },
      commit: "1b730a6f20c1",
    },
    guarantees: guaranteesOf(kind, jobs, killedAt),
    measures: {
      "end-to-end-latency": measure(
        "From a job's intended time to the end of its last run.",
        (s) => [tail(9) + 3 + s.waitMs * (0.4 + chance.unit()) + (chance.unit() < 0.002 ? 4800 + tail(900) : 0)],
        open,
      ),
      "enqueue-latency": measure("From a job's intended time to the acknowledgement of its enqueue.", (s) => [
        tail(1.1) + 0.4 + (s.storeAway ? chance.unit() * 2000 : 0),
        tail(1.1) + 0.4 + (s.storeAway ? chance.unit() * 60 : 0),
      ]),
      "run-latency": measure("From the start of each run to its end.", () => [chance.unit() * 20 + tail(0.3)]),
      "wait-latency": measure("From the acknowledgement to the start of the first run.", (s) => [
        tail(2.4) + 0.6 + s.waitMs * (0.3 + chance.unit()),
      ]),
      lateness: measure("How long after its intended time a job was really sent.", () => [tail(0.5) + 0.05]),
      ...seriesFrom(lived),
      "recovery-time": {
        about: "From the moment a worker was lost to the next start of each job that it held.",
        measured: recoveryOf(incidents, kind, random.fork("recovery")),
      },
    },
    jobs: {
      planned: jobs,
      sent: jobs,
      acknowledged: jobs - 6,
      refused: 0,
      unknown: 6,
      done: jobs - 241 - (kind === "fail" ? 37 : 0),
      dead: 241,
      startedMoreThanOnce: 2388,
    },
    phases: { loadFrom: leadIn * second, loadTo: end, drainFrom: end + 0.4 * second, drainTo: end + 12.8 * second },
    incidents,
    processes: processesOf(seconds, killedAt),
    deaths: kind === "fail" ? [exhausted] : [],
    trouble: [],
    evidence: Object.fromEntries(
      ["faults.jsonl", "history/1.bin", "history/2.bin", "history/3.bin"].map((file, i) => [
        file,
        String(i).padEnd(64, "e3b0c44298fc1c14"),
      ]),
    ),
    record: { checksums: "agree", differences: [], told: [] },
  };
}
