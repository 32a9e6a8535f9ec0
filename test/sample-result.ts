/** Results as runs would give them: one that passes, one that fails with examples, one that is unknown. The same on every call. */
import type { Effect } from "../history/effects.ts";
import type { Resource } from "../history/journal.ts";
import type { Incarnation, Incident } from "../history/ledger.ts";
import type { PerIncident } from "../measures/contract.ts";
import type { Overall, Result } from "../reports/contract.ts";
import { seeded, type Random } from "../std/random.ts";
import { boundMs, guaranteesOf, reasons, sentences } from "./sample-guarantees.ts";
import { distributionFrom, liveThrough, seriesFrom } from "./sample-day.ts";

export const sampleNames = ["pass", "fail", "unknown"] as const satisfies readonly Overall[];

const leadIn = 2;
const workers = 4;
const second = 1e9;

const kindsOfFault = [
  { fault: "worker-kill", effect: "killed", times: 6, lastsMs: [900, 1800] },
  { fault: "worker-cut", effect: "cut-off", times: 3, lastsMs: [2000, 9000] },
  { fault: "worker-black-hole", effect: "cut-off", times: 2, lastsMs: [6000, 9000] },
  { fault: "broker-stop", effect: "store-away", times: 2, lastsMs: [1000, 3000] },
] as const satisfies readonly { fault: string; effect: Effect; times: number; lastsMs: readonly [number, number] }[];

function incidentsOf(seconds: number, random: Random): readonly Incident[] {
  return kindsOfFault
    .flatMap(({ fault, effect, times, lastsMs }) =>
      Array.from({ length: times }, (_, i): Incident => {
        const from = (leadIn + seconds * (0.14 + 0.72 * ((i + random.unit() * 0.8) / times))) * second;
        const to = from + random.between(lastsMs[0], lastsMs[1]) * 1e6;
        const slot = effect === "killed" ? i % workers : random.below(workers);
        const resource: Resource =
          effect === "store-away" ? "store" : effect === "killed" ? `worker:${slot}` : `link:worker:${slot}`;
        return {
          id: `${fault}-${i + 1}`,
          fault,
          effect,
          touches: [resource],
          incarnations: effect === "store-away" ? [1, 2, 3, 4, 5] : [slot + 2],
          from,
          to,
          bit: { proven: true, facts: { signal: "SIGKILL", gone: true } },
          healed: { proven: true, facts: { answers: true } },
        };
      }),
    )
    .toSorted((a, b) => a.from - b.from);
}

function processesOf(seconds: number, killedAt: number): readonly Incarnation[] {
  const end = (leadIn + seconds + 18) * second;
  const one = (incarnation: number, role: Incarnation["role"], slot: number): Incarnation => ({
    incarnation,
    role,
    slot,
    spawnedAt: 0.4 * second,
    exitedAt: end,
    end: "closed",
    stalls: incarnation === 1 ? [{ from: 41.2 * second, to: 41.43 * second }] : [],
  });
  const killed: Incarnation = { ...one(4, "worker", 2), exitedAt: killedAt * second, end: "killed" };
  return [
    one(1, "producer", 0),
    one(2, "worker", 0),
    one(3, "worker", 1),
    killed,
    one(5, "worker", 3),
    { ...one(6, "worker", 2), spawnedAt: (killedAt + 0.9) * second },
  ];
}

export function sampleResult(kind: Overall, seconds = 90): Result {
  const random = seeded("sample");
  const jobs = Math.round((120_000 * seconds) / 90);
  const incidents = incidentsOf(seconds, random.fork("incidents"));
  const lived = liveThrough({ seconds, jobs, workers, incidents, leadIn }, random.fork("day"));
  const end = (leadIn + seconds) * second;
  const faults = { from: (incidents[0]?.from ?? 0) / second, to: (incidents.at(-1)?.to ?? 0) / second };
  const killedAt = (incidents.find(({ id }) => id === "worker-kill-3")?.from ?? 0) / second + 0.004;
  const chance = random.fork("latency");
  const tail = (scale: number): number => scale * (-Math.log(1 - chance.unit())) ** 1.4;
  const measure = (about: string, latency: Parameters<typeof distributionFrom>[2]) => ({
    about,
    measured: distributionFrom(lived, faults, latency),
  });
  return {
    format: 1,
    verdict: kind,
    sentence: sentences[kind],
    reasons: reasons[kind],
    run: {
      id: "2026-03-14T09-26-53-day-stream",
      directory: "runs/2026-03-14T09-26-53-day-stream",
      startedAt: "2026-03-14T09:26:53.589Z",
      seconds: seconds + 20.4,
      scenario: {
        name: "day",
        about:
          "A ten-million-job day's arrival curve squeezed into a minute and a half, while workers are killed, cut off and black-holed and the broker goes away.",
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
      "end-to-end-latency": measure("From a job's intended time to the end of its last run.", (s) => [
        tail(9) + 3 + s.waitMs * (0.4 + chance.unit()) + (chance.unit() < 0.002 ? 4800 + tail(900) : 0),
      ]),
      "enqueue-latency": measure("From a job's intended time to the acknowledgement of its enqueue.", (s) => [
        tail(1.1) + 0.4 + (s.storeAway ? chance.unit() * 2000 : 0),
        tail(1.1) + 0.4 + (s.storeAway ? chance.unit() * 60 : 0),
      ]),
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
    evidence: Object.fromEntries(
      ["faults.jsonl", "history/1.bin", "history/2.bin", "history/3.bin"].map((file, i) => [
        file,
        String(i).padEnd(64, "e3b0c44298fc1c14"),
      ]),
    ),
  };
}

function recoveryOf(incidents: readonly Incident[], kind: Overall, random: Random): PerIncident {
  return {
    kind: "per-incident",
    unit: "ms",
    rows: incidents.map(({ id, fault, effect, from, to }, i) => {
      const base = effect === "store-away" ? (to - from) / 1e6 : 4100;
      const first = base + random.between(20, 700);
      const exposed = i === 4 ? 0 : random.between(8, 96);
      if (exposed === 0) return { incident: id, fault, exposed, first: null, last: null, p50: null };
      return {
        incident: id,
        fault,
        exposed,
        first,
        p50: first + 240,
        last: kind === "unknown" && i === 7 ? boundMs + 2400 : first + random.between(400, 3800),
      };
    }),
  };
}
