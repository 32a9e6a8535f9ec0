/** One process of a scripted history: its steps, and the bytes of its file. */
import { type Fields } from "../encode.ts";
import { printsOf } from "../receipts.ts";
import { writtenFile } from "./written-file.ts";
import { asDuplicate, noJob, settledAs, tickMs, type Kind, type Role, type SettledAs } from "../record.ts";

/** Absolute time of the beginning of the load: any value will do, a large one shows mistakes. */
const originMs = 1_000_000;

export interface SendOptions {
  /** Default: now. */
  readonly intended?: number;
  readonly plannedFailures?: number;
  readonly durationMs?: number;
  /** It must not start for that long. */
  readonly delayMs?: number;
  /** The number of its priority, from 1 in the order of the run's facts. */
  readonly priority?: number;
  /** The job under whose key it is enqueued again. */
  readonly repeats?: number;
}

/** One process; every method is a step and returns the process. */
export interface ScriptedProcess {
  readonly incarnation: number;
  /** Moves the run's time, forward or back. */
  at(ms: number): ScriptedProcess;
  send(job: number, options?: SendOptions): ScriptedProcess;
  /** Under an id of none unless it is said. */
  ok(job: number, id?: string): ScriptedProcess;
  /** Acknowledged as the job that was written before, whose id it is. */
  duplicate(job: number, id?: string): ScriptedProcess;
  refused(job: number): ScriptedProcess;
  unknown(job: number): ScriptedProcess;
  start(job: number, options?: { readonly attempt?: number }): ScriptedProcess;
  end(job: number, options?: { readonly attempt?: number }): ScriptedProcess;
  failed(job: number, options?: { readonly attempt?: number }): ScriptedProcess;
  accepted(job: number, options?: { readonly attempt?: number; readonly as?: SettledAs }): ScriptedProcess;
  settlementRefused(job: number, options?: { readonly attempt?: number }): ScriptedProcess;
  settlementUnknown(job: number, options?: { readonly attempt?: number }): ScriptedProcess;
  /** The system withdraws its run, which goes on. */
  aborted(job: number, options?: { readonly attempt?: number }): ScriptedProcess;
  corrupt(job?: number): ScriptedProcess;
  /** It does not run from now on for that long (no ticks); the time moves on. */
  stalled(ms: number): ScriptedProcess;
  /** A record is missing here. */
  gap(): ScriptedProcess;
  /** Ended by a signal, now; SIGKILL unless said otherwise. */
  killed(signal?: string, lastWords?: readonly string[]): ScriptedProcess;
  /** Ended by itself without a closing record, now. */
  crashed(code?: number, lastWords?: readonly string[]): ScriptedProcess;
  /** Ended on purpose, now. */
  closed(): ScriptedProcess;
  /** Nobody saw it end, and it has no closing record. */
  leftRunning(): ScriptedProcess;
  /** Its file is not there. */
  withoutFile(): ScriptedProcess;
}

interface Written {
  readonly ms: number;
  readonly kind: Kind;
  readonly fields: Fields;
}

interface End {
  readonly how: "closed" | "killed" | "crashed" | "running";
  readonly ms: number;
  readonly code: number | null;
  readonly signal: string | null;
  readonly lastWords: readonly string[];
}

export interface Life {
  readonly role: Role;
  readonly slot: number;
  readonly incarnation: number;
  readonly spawnedMs: number;
  readonly records: (Written | "gap")[];
  readonly stalls: { readonly from: number; readonly to: number }[];
  end: End | undefined;
  withoutFile: boolean;
}

const attemptIn = (options: { readonly attempt?: number } | undefined): number => options?.attempt ?? 1;

// long: a language to write histories in, one word after the other
export function scripted(
  life: Life,
  time: { readonly step: () => number; readonly goTo: (ms: number) => void },
): ScriptedProcess {
  const record = (kind: Kind, fields: Fields): ScriptedProcess => {
    life.records.push({ ms: time.step(), kind, fields });
    return self;
  };
  const ended = (how: End["how"], end: Partial<End>): ScriptedProcess => {
    life.end = { how, ms: time.step(), code: null, signal: null, lastWords: [], ...end };
    return self;
  };
  const self: ScriptedProcess = {
    incarnation: life.incarnation,
    at(ms) {
      time.goTo(ms);
      return self;
    },
    send(job, { intended, plannedFailures = 0, durationMs = 0, delayMs, priority = 0, repeats } = {}) {
      const ms = time.step();
      const fields = {
        job,
        attempt: priority,
        code: plannedFailures,
        micros: durationMs * 1000,
        aux: nsOf(intended ?? ms),
      };
      life.records.push({ ms, kind: "send", fields });
      if (delayMs !== undefined) life.records.push({ ms, kind: "delayed", fields: { job, micros: delayMs * 1000 } });
      if (repeats !== undefined) life.records.push({ ms, kind: "repeated", fields: { job, micros: repeats } });
      return self;
    },
    ok: (job, id = "") => record("ok", { job, ...printsOf(id) }),
    duplicate: (job, id = "") => record("ok", { job, code: asDuplicate, ...printsOf(id) }),
    refused: (job) => record("refused", { job }),
    unknown: (job) => record("unknown", { job }),
    start: (job, options) => record("start", { job, attempt: attemptIn(options) }),
    end: (job, options) => record("end", { job, attempt: attemptIn(options) }),
    failed: (job, options) => record("failed", { job, attempt: attemptIn(options) }),
    accepted: (job, options) =>
      record("accepted", { job, attempt: attemptIn(options), code: settledAs[options?.as ?? "done"] }),
    settlementRefused: (job, options) => record("settlementRefused", { job, attempt: attemptIn(options) }),
    settlementUnknown: (job, options) => record("settlementUnknown", { job, attempt: attemptIn(options) }),
    aborted: (job, options) => record("aborted", { job, attempt: attemptIn(options) }),
    corrupt: (job = noJob) => record("corrupt", { job }),
    stalled(ms) {
      const from = time.step();
      life.stalls.push({ from, to: from + ms });
      time.goTo(from + ms);
      return self;
    },
    gap() {
      life.records.push("gap");
      return self;
    },
    killed: (signal = "SIGKILL", lastWords = []) => ended("killed", { signal, lastWords }),
    crashed: (code = 1, lastWords = []) => ended("crashed", { code, lastWords }),
    closed: () => ended("closed", { code: 0 }),
    leftRunning: () => ended("running", {}),
    withoutFile() {
      life.withoutFile = true;
      return self;
    },
  };
  return self;
}

export const nsOf = (ms: number): number => (originMs + ms) * 1e6;

export const identityOf = ({ incarnation }: Life): { readonly pid: number; readonly startedAt: string } => ({
  pid: 1000 + incarnation,
  startedAt: `${incarnation}`,
});

/** Unless it was said, a process ends on purpose after all else. */
export const endOf = (life: Life, last: number): End =>
  life.end ?? { how: "closed", ms: last + 5, code: 0, signal: null, lastWords: [] };

/** Its records and its ticks in order of time, as bytes. */
export function fileOf(life: Life, last: number): Uint8Array {
  const end = endOf(life, last);
  const until = end.how === "running" ? last + 5 : end.ms;
  const entries: (Written | "gap")[] = [...life.records];
  for (let ms = life.spawnedMs; ms < until; ms += tickMs) {
    if (!life.stalls.some(({ from, to }) => ms >= from && ms < to)) entries.push({ ms, kind: "tick", fields: {} });
  }
  for (const { to } of life.stalls) if (to < until) entries.push({ ms: to, kind: "tick", fields: {} });
  const file = writtenFile(life);
  let seq = 0;
  for (const entry of inOrder(entries)) {
    if (entry !== "gap") file.put(nsOf(entry.ms), entry.kind, entry.fields, seq);
    seq++;
  }
  if (end.how === "closed") file.put(nsOf(end.ms), "close", { aux: seq }, seq);
  return file.bytes();
}

/** A gap stays behind the record that it was written behind. */
function inOrder(entries: readonly (Written | "gap")[]): readonly (Written | "gap")[] {
  let ms = Number.NEGATIVE_INFINITY;
  return entries
    .map((entry) => ({ entry, ms: entry === "gap" ? ms : (ms = entry.ms) }))
    .toSorted((a, b) => a.ms - b.ms)
    .map(({ entry }) => entry);
}
