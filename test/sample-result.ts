/** Results as runs would give them: one that passes, one that fails with examples, one that is unknown. The same on every call. */
import type { Example } from "../checks/contract.ts";
import type { Effect, Resource } from "../history/journal.ts";
import type { Incarnation, Incident, LifeEvent } from "../history/ledger.ts";
import { alwaysFails, type Kind } from "../history/record.ts";
import type { PerIncident } from "../measures/contract.ts";
import type { Guarantee, Overall, Result } from "../reports/contract.ts";
import { seeded, type Random } from "../std/random.ts";
import { distributionFrom, liveThrough, seriesFrom } from "./sample-day.ts";

export const sampleNames = ["pass", "fail", "unknown"] as const satisfies readonly Overall[];

const leadIn = 2;
const workers = 4;
const boundMs = 15_000;
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
        const slot = random.below(workers);
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

function processesOf(seconds: number): readonly Incarnation[] {
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
  const killed: Incarnation = { ...one(4, "worker", 2), exitedAt: 41.31 * second, end: "killed" };
  return [
    one(1, "producer", 0),
    one(2, "worker", 0),
    one(3, "worker", 1),
    killed,
    one(5, "worker", 3),
    { ...one(6, "worker", 2), spawnedAt: 42.2 * second },
  ];
}

const event = (at: number, kind: Kind, incarnation: number, more: Partial<LifeEvent> = {}): LifeEvent => ({
  at: at * second,
  kind,
  incarnation,
  attempt: 0,
  code: 0,
  micros: 0,
  ...more,
});

const lostJob = (job: number, sent: number): Example => ({
  job,
  what: "acknowledged, but it is neither done nor dead nor anywhere in the store; its only run was ended by a kill",
  life: [
    event(sent, "send", 1, { micros: 14_200 }),
    event(sent + 0.0021, "ok", 1),
    event(sent + 0.0049, "accepted", 4, { attempt: 1 }),
    event(sent + 0.0052, "start", 4, { attempt: 1 }),
  ],
});

const twiceRun: Example = {
  job: 31_118,
  what: "started a second time 3.9 s after its first run was accepted as done; nothing happened to the process that held it",
  life: [
    event(33.402, "send", 1, { micros: 9400, code: 1 }),
    event(33.4046, "ok", 1),
    event(33.41, "start", 2, { attempt: 1 }),
    event(33.4197, "failed", 2, { attempt: 1 }),
    event(33.93, "start", 3, { attempt: 2 }),
    event(33.9402, "end", 3, { attempt: 2 }),
    event(33.9424, "accepted", 3, { attempt: 2 }),
    event(37.84, "start", 5, { attempt: 2 }),
    event(37.8502, "end", 5, { attempt: 2 }),
    event(37.853, "settlementRefused", 5, { attempt: 2 }),
    event(112.4, "place", 0, { code: 8, attempt: 3 }),
  ],
};

const stuckJob: Example = {
  job: 77_002,
  what: "fails every time, and is dead in the store <twice> & once more",
  life: [
    event(66.1, "send", 1, { micros: 3000, code: alwaysFails }),
    event(66.104, "unknown", 1),
    event(66.3, "start", 3, { attempt: 1 }),
    event(66.31, "failed", 3, { attempt: 1 }),
  ],
};

function guaranteesOf(kind: Overall, jobs: number): readonly Guarantee[] {
  const held = (
    name: string,
    about: string,
    exposed: number,
    more: Partial<Pick<Guarantee, "claimed" | "terms">> = {},
  ): Guarantee => ({
    name,
    about,
    claimed: true,
    exercised: true,
    terms: {},
    verdict: "pass",
    exposed,
    counts: { looked: jobs, violations: 0 },
    ...more,
  });
  const broken = (guarantee: Guarantee, violations: number, examples: readonly Example[]): Guarantee => {
    const { name, about, claimed, exercised, terms } = guarantee;
    return {
      name,
      about,
      claimed,
      exercised,
      terms,
      verdict: "fail",
      exposed: jobs,
      counts: { looked: jobs, vanished: violations },
      violations,
      examples,
    };
  };
  const lost = held(
    "no-acked-loss",
    "An acknowledged job is done, dead or still in the store at the end: none vanishes.",
    jobs,
  );
  const recovery = held(
    "recovery-bound",
    "A job in the hands of a dead or cut-off worker starts again within the bound.",
    412,
    { terms: { withinMs: boundMs } },
  );
  const duplicates = held(
    "duplicates-explained",
    "A job starts more than once only for a cause that the claim admits.",
    388,
    {
      terms: { causes: ["killed", "cut-off", "store-away"], producerResend: false },
    },
  );
  return [
    kind === "fail" ? broken(lost, 37, [lostJob(41_307, 41.29), lostJob(41_311, 41.2961)]) : lost,
    held("no-phantom", "No job runs that nobody enqueued, and none with another's payload.", jobs),
    held("at-least-once", "Every accepted job ends done or dead, and what is done has run.", jobs),
    kind === "fail" ? broken(duplicates, 1, [twiceRun]) : duplicates,
    held("dead-letter-exactly-once", "A job that exhausted its attempts is among the dead exactly once.", 241),
    held("dead-letter-complete", "A dead letter keeps payload, origin, attempts, errors, times and worker.", 241),
    kind === "unknown"
      ? {
          name: "recovery-bound",
          about: recovery.about,
          claimed: true,
          exercised: true,
          terms: recovery.terms,
          verdict: "unknown",
          reason: "worker-black-hole-2 was not proven over: the proxy did not answer within 5 s",
          counts: { looked: 412 },
        }
      : recovery,
    held("drained", "When the load is over, everything is worked off and nothing is left behind.", jobs),
    held("run-valid", "The load was offered as planned, every fault bit and was healed, the record is whole.", jobs, {
      terms: { lateShare: 0.01, lateAfterMs: 100 },
    }),
    ...(kind === "fail"
      ? [
          {
            ...broken(held("dead-letter-bounded", "Dead letters never outgrow their limit.", 241), 1, [stuckJob]),
            claimed: false,
          },
        ]
      : []),
    {
      name: "fenced",
      about: "A stale owner settles nothing.",
      claimed: false,
      exercised: false,
      terms: {},
      verdict: "not-observable",
      reason: "the system does not tell its settlements",
    },
  ];
}

const sentences: Readonly<Record<Overall, string>> = {
  pass: "The engine kept all 9 promises that it claims, under 13 faults and 120,000 jobs.",
  fail: "The engine broke 2 of the 9 promises that it claims: 37 acknowledged jobs vanished, 1 ran twice without a cause.",
  unknown: "No promise was seen broken, but 1 of 9 could not be judged: a fault was not proven over.",
};

const reasons: Readonly<Record<Overall, readonly string[]>> = {
  pass: [],
  fail: [
    "no-acked-loss: 37 jobs were acknowledged and are nowhere",
    "duplicates-explained: 1 job started again without a cause",
  ],
  unknown: ["recovery-bound: worker-black-hole-2 was not proven over"],
};

export function sampleResult(kind: Overall, seconds = 90): Result {
  const random = seeded("sample");
  const jobs = Math.round((120_000 * seconds) / 90);
  const incidents = incidentsOf(seconds, random.fork("incidents"));
  const lived = liveThrough({ seconds, jobs, workers, incidents, leadIn }, random.fork("day"));
  const end = (leadIn + seconds) * second;
  const faults = { from: (incidents[0]?.from ?? 0) / second, to: (incidents.at(-1)?.to ?? 0) / second };
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
        work: { durationMs: [0, 20], failing: 0.02, alwaysFailing: 0.002 },
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
    guarantees: guaranteesOf(kind, jobs),
    measures: {
      "end-to-end-latency": measure("From a job's intended time to the end of its last run.", (s) => [
        tail(9) + 3 + s.waitMs * (0.4 + chance.unit()) + (chance.unit() < 0.002 ? 4800 + tail(900) : 0),
        tail(9) + 3 + s.waitMs * 0.5,
      ]),
      "enqueue-latency": measure("From a job's intended time to the acknowledgement of its enqueue.", (s) => [
        tail(1.1) + 0.4 + (s.storeAway ? chance.unit() * 2000 : 0),
        tail(1.1) + 0.4 + (s.storeAway ? chance.unit() * 60 : 0),
      ]),
      "wait-latency": measure("From the acknowledgement to the start of the first run.", (s) => [
        tail(2.4) + 0.6 + s.waitMs * (0.3 + chance.unit()),
        tail(2.4) + 0.6 + s.waitMs * 0.3,
      ]),
      "send-lateness": measure("How long after its intended time a job was really sent.", () => [
        tail(0.5) + 0.05,
        tail(0.5) + 0.05,
      ]),
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
    processes: processesOf(seconds),
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
