/**
 * A history that a test writes down as it happened, one step after the other, and the ledger that comes of it: through
 * the real bytes, the real reader and the real builder. Times are milliseconds since the beginning of the load.
 *
 *   const run = history({ jobs: 2 });
 *   const producer = run.process("producer");
 *   const worker = run.process("worker");
 *   producer.send(0).ok(0);
 *   worker.start(0).end(0).accepted(0);
 *   run.at(5_000);
 *   worker.killed();
 *   const ledger = run.ledger();
 *
 * One time line for all: each step happens 1 ms after the one before it, or where `at` or `wait` moved the time to.
 * What is not said went well: every process ticks until it ends and closes its file, the run drains, the scan is whole.
 */
import type { Json } from "../../std/json.ts";
import { boundsOf } from "../bounds.ts";
import type { Effect } from "../effects.ts";
import type { Connections, DrainOutcome, JournalEntry, JournalLine, Leftover, OwnPart, Phase } from "../journal.ts";
import type { Resource } from "../resource.ts";
import { buildLedger } from "../ledger-builder.ts";
import type { Ledger, RunFacts } from "../ledger.ts";
import { memorySource, type HistorySource } from "../reader.ts";
import { deadFields, noJob, places, type PlaceName, type Role } from "../record.ts";
import { endOf, fileOf, identityOf, nsOf, scripted, type Life, type ScriptedProcess } from "./scripted-process.ts";

export type { ScriptedProcess } from "./scripted-process.ts";

/** Processes are there this long before the load begins. */
const earlyMs = 1_000;
/** What a store whose clock is right says at the beginning of the load. */
const epochMs = 1_700_000_000_000;

export interface ScriptedFault {
  readonly id: string;
  armed(): ScriptedFault;
  bit(facts?: Readonly<Record<string, Json>>): ScriptedFault;
  notBit(why: string): ScriptedFault;
  healed(facts?: Readonly<Record<string, Json>>): ScriptedFault;
  notHealed(why: string): ScriptedFault;
}

export interface History {
  /** Moves the time, forward or back, to that many ms after the beginning of the load. */
  at(ms: number): History;
  wait(ms: number): History;
  now(): number;
  /**
   * A producer, or a worker, in slot 0 and with the next free number unless said otherwise, there 1 s before the load,
   * or from now.
   */
  process(
    role: Role,
    options?: { readonly slot?: number; readonly incarnation?: number; readonly spawned?: "early" | "now" },
  ): ScriptedProcess;
  /** Whole lives without a fault: sent, acknowledged, started, ended (and accepted, if the system tells) once. */
  clean(jobs: readonly number[], producer: ScriptedProcess, worker: ScriptedProcess): History;
  /** Writes its `arming` line now. */
  fault(name: string, options: { readonly effect: Effect; readonly touches: readonly Resource[] }): ScriptedFault;
  /**
   * The store is asked for its time ten times a second between two moments; its clock is ahead of the run's by that
   * much, and each answer was that long under way. Takes no time.
   */
  storeClock(fromMs: number, toMs: number, aheadMs?: number, tookMs?: number): History;
  /** The system says how much it still has to do; the question began that long ago. */
  depth(jobs: number, tookMs?: number): History;
  /** Something of the run's own is found not to be well; seen to be well until then, or until now. */
  trouble(of: OwnPart, what: string, wellUntilMs?: number): History;
  phase(phase: Phase): History;
  drain(outcome: DrainOutcome, seconds?: number, why?: string): History;
  /** The final scan found it there. All fields of a dead entry are right unless said otherwise. */
  place(job: number, at: PlaceName, dead?: FoundDead): History;
  /** The final scan found a payload that is not what was enqueued. */
  corruptInScan(job?: number): History;
  scanned(scan: {
    readonly finished?: boolean;
    readonly agrees?: boolean;
    readonly leftovers?: readonly Leftover[];
    readonly why?: string;
  }): History;
  stopped(why: string): History;
  /** Whom the processes were connected to; nobody looked unless it is said. */
  connections(seen: Connections): History;
  journal(): readonly JournalLine[];
  sources(): readonly HistorySource[];
  ledger(): Ledger;
}

export interface FoundDead {
  readonly attempts?: number;
  readonly fields?: number;
  /**
   * What it says of times (ms since the load began, by the store's clock) and of the process that ran it; left out:
   * nothing that was kept.
   */
  readonly says?: { readonly enqueued: number; readonly failed: number; readonly by: number };
}

const said = (lastWords: readonly string[]) => (lastWords.length === 0 ? {} : { lastWords });

/** All bits of `deadFields`. */
export const allDeadFields = Object.values(deadFields).reduce((all, bit) => all | bit, 0);

const usualFacts: RunFacts = {
  seed: "1",
  scenario: "scripted",
  system: "scripted",
  jobs: 1,
  payloadBytes: 200,
  attempts: 3,
  backoffMs: 1000,
  priorities: [],
  tellsSettlements: true,
  bounds: boundsOf({
    recoveryMs: 10_000,
    againMs: 40_000,
    retryMs: 0,
    leaseMs: 5_000,
    giveAwayMs: 4_000,
    reconnectMs: 1_000,
    settleMs: 1_000,
    deduplicationMs: 60_000,
  }),
  claims: { "recovery-bound": { boundMs: 10_000, againMs: 40_000 }, progress: { boundMs: 10_000 } },
  concurrency: 100,
  producers: 1,
  scheduled: {},
  leftOut: [],
  exercises: [],
  load: { lateShare: 0.01, lateAfterMs: 1000 },
};

// long: a language to write histories in, one word after the other
export function history(facts: Partial<RunFacts> = {}): History {
  const run: RunFacts = { ...usualFacts, ...facts };
  const lives: Life[] = [];
  const lines: { readonly ms: number; readonly entry: JournalEntry }[] = [];
  let cursor = 0;
  let faults = 0;
  const step = (): number => cursor++;
  const note = (entry: JournalEntry): void => void lines.push({ ms: step(), entry });
  const has = (type: JournalEntry["type"], phase?: Phase): boolean =>
    lines.some(
      ({ entry }) => entry.type === type && (phase === undefined || (entry.type === "phase" && entry.phase === phase)),
    );

  const scanner: Life = {
    role: "harness",
    slot: 0,
    incarnation: 0,
    spawnedMs: -earlyMs,
    records: [],
    stalls: [],
    end: undefined,
    withoutFile: false,
  };

  /** What every run has and this one did not say: the phases in their order, a drain, a scan. */
  const allLines = (): { readonly ms: number; readonly entry: JournalEntry }[] => {
    const last = Math.max(cursor, 0);
    const usual: { readonly ms: number; readonly entry: JournalEntry }[] = [];
    const unlessSaid = (ms: number, entry: JournalEntry): void => {
      if (!has(entry.type, entry.type === "phase" ? entry.phase : undefined)) usual.push({ ms, entry });
    };
    unlessSaid(0, { type: "phase", phase: "load" });
    if (!has("stopped")) {
      unlessSaid(last, { type: "phase", phase: "heal" });
      unlessSaid(last + 1, { type: "phase", phase: "drain" });
      unlessSaid(last + 2, { type: "drain", outcome: "drained", seconds: 1 });
      unlessSaid(last + 3, { type: "phase", phase: "scan" });
      unlessSaid(last + 4, { type: "scanned", finished: true, agrees: true, leftovers: [] });
    }
    for (const life of lives) {
      const identity = identityOf(life);
      const { incarnation, role, slot, spawnedMs } = life;
      usual.push({ ms: spawnedMs, entry: { type: "spawned", identity, role, slot, incarnation } });
      usual.push({ ms: spawnedMs + 1, entry: { type: "ready", incarnation } });
      const end = endOf(life, last);
      if (end.how === "running") continue;
      const bytes = life.withoutFile ? {} : { bytes: fileOf(life, last).length };
      usual.push({
        ms: end.ms,
        entry: { type: "exited", identity, code: end.code, signal: end.signal, ...bytes, ...said(end.lastWords) },
      });
    }
    unlessSaid(last + 6, { type: "phase", phase: "over" });
    // Stable: what was said at one time stays in the order in which it was said.
    return [...lines, ...usual].toSorted((a, b) => a.ms - b.ms);
  };

  const self: History = {
    at(ms) {
      cursor = ms;
      return self;
    },
    wait(ms) {
      cursor += ms;
      return self;
    },
    now: () => cursor,
    process(role, { slot = 0, incarnation = lives.length + 1, spawned = "early" } = {}) {
      const spawnedMs = spawned === "early" ? -earlyMs : step();
      const life: Life = {
        role,
        slot,
        incarnation,
        spawnedMs,
        records: [],
        stalls: [],
        end: undefined,
        withoutFile: false,
      };
      lives.push(life);
      return scripted(life, { step, goTo: (ms) => void (cursor = ms) });
    },
    clean(jobs, producer, worker) {
      for (const job of jobs) {
        producer.send(job).ok(job);
        worker.start(job).end(job);
        if (run.tellsSettlements) worker.accepted(job);
      }
      return self;
    },
    fault(name, { effect, touches }) {
      const id = `${name}-${++faults}`;
      note({ type: "arming", id, fault: name, effect, touches, plan: {}, handles: {} });
      const told = (entry: JournalEntry): ScriptedFault => {
        note(entry);
        return fault;
      };
      const fault: ScriptedFault = {
        id,
        armed: () => told({ type: "armed", id }),
        bit: (proof = {}) => told({ type: "bit", id, evidence: { proven: true, facts: proof } }),
        notBit: (why) => told({ type: "bit", id, evidence: { proven: false, why } }),
        healed: (proof = {}) => told({ type: "healed", id, evidence: { proven: true, facts: proof } }),
        notHealed: (why) => told({ type: "healed", id, evidence: { proven: false, why } }),
      };
      return fault;
    },
    storeClock(fromMs, toMs, aheadMs = 0, tookMs = 0.2) {
      for (let ms = fromMs; ms <= toMs; ms += 100)
        scanner.records.push({ ms, kind: "storeTime", fields: { aux: epochMs + ms + aheadMs, micros: tookMs * 1000 } });
      return self;
    },
    depth(depth, tookMs = 0) {
      scanner.records.push({ ms: step(), kind: "depth", fields: { aux: depth, micros: tookMs * 1000 } });
      return self;
    },
    trouble(of, what, wellUntilMs = cursor) {
      note({ type: "trouble", of, what, from: nsOf(wellUntilMs) });
      return self;
    },
    phase(phase) {
      note({ type: "phase", phase });
      return self;
    },
    drain(outcome, seconds = 1, why = "") {
      note({ type: "drain", outcome, seconds, ...(why === "" ? {} : { why }) });
      return self;
    },
    place(job, at, { attempts = run.attempts, fields = allDeadFields, says } = {}) {
      const dead = at === "dead" ? { attempt: attempts, micros: fields } : {};
      const ms = step();
      scanner.records.push({ ms, kind: "place", fields: { job, code: places[at], ...dead } });
      if (says === undefined) return self;
      const micros = (when: number): number => (epochMs + when) % 2 ** 32;
      scanner.records.push({ ms, kind: "deadEnqueued", fields: { job, micros: micros(says.enqueued) } });
      scanner.records.push({ ms, kind: "deadFailed", fields: { job, micros: micros(says.failed), code: says.by } });
      return self;
    },
    corruptInScan(job = noJob) {
      scanner.records.push({ ms: step(), kind: "corrupt", fields: { job } });
      return self;
    },
    scanned({ finished = true, agrees = true, leftovers = [], why }) {
      note({ type: "scanned", finished, agrees, leftovers, ...(why === undefined ? {} : { why }) });
      return self;
    },
    stopped(why) {
      note({ type: "stopped", why });
      return self;
    },
    connections(seen) {
      note({ type: "connections", ...seen });
      return self;
    },
    journal: () => allLines().map(({ ms, entry }, seq) => ({ at: nsOf(ms), seq, ...entry })),
    sources: () =>
      [scanner, ...lives]
        .filter((life) => !life.withoutFile)
        .map((life) => memorySource(life.incarnation, fileOf(life, Math.max(cursor, 0)))),
    ledger: () => buildLedger(run, self.journal(), self.sources()),
  };
  return self;
}
