/**
 * Writes the history of a run that never took place, as a well-behaved system would have left it: two producers, two
 * workers of which one is killed with 200 jobs in its hands, one job in a hundred retried, one in fifty delayed, a few
 * dead. Made for its size: ten million jobs are fifty million records.
 */
import { appendFileSync, closeSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { boundsOf } from "../history/bounds.ts";
import { encode, encodeHeader, sealBlock, slots, type Author, type Fields } from "../history/encode.ts";
import type { JournalEntry } from "../history/journal.ts";
import { sealLine } from "../history/journal-file.ts";
import type { RunFacts } from "../history/ledger.ts";
import { historyFile } from "../history/reader.ts";
import { printsOf } from "../history/receipts.ts";
import { alwaysFails, deadFields, places, recordBytes, settledAs, tickMs, type Kind } from "../history/record.ts";
import { mix } from "../std/random.ts";
import { nextTurn } from "../std/turn.ts";

const originNs = 1e15;
const jobsPerSecond = 16_667;
const attempts = 3;
const sliceNs = 10e6;
const backoffSlices = 100;
const delaySlices = 200;
/** The store is asked for its time, and the system for its depth, as often as this. */
const askSlices = 10;
const leaseSlices = 500;
const restartSlices = 100;
const inFlight = 200;
/** As many leave in one write. */
const blockRecords = 10;

const incarnations = { scan: 0, producers: [1, 2], killedWorker: 3, otherWorker: 4, replacement: 5 } as const;
const allDeadFields = Object.values(deadFields).reduce((all, bit) => all | bit, 0);

export const journalFile = (directory: string): string => join(directory, "faults.jsonl");
export const factsFile = (directory: string): string => join(directory, "facts.json");

/** One job in a hundred fails at first, one in five thousand always. */
const plannedFailures = (job: number): number => {
  const chance = mix(job) % 10_000;
  return chance < 2 ? alwaysFails : chance < 100 ? 1 : 0;
};

const isDelayed = (job: number): boolean => job % 50 === 7;

/** Writes the files, the journal and the run's facts into the directory. Lets the event loop turn now and then. */
// long: one loop over the slices of a run, each of which goes on from what the ones before left
export async function writeSyntheticHistory(directory: string, jobs: number): Promise<void> {
  const slices = Math.ceil(Math.max(30, jobs / jobsPerSecond) * 100);
  const killSlice = Math.floor(slices / 2);
  const perSlice = jobs / slices;
  const dead: number[] = [];
  const work: { readonly job: number; readonly attempt: number }[][] = Array.from(
    { length: slices + 2 * leaseSlices },
    () => [],
  );
  const open = (incarnation: number, role: Author["role"], fromSlice: number): Writer =>
    openWriter(historyFile(directory, incarnation), { incarnation, role }, originNs + fromSlice * sliceNs);
  const producers = incarnations.producers.map((incarnation) => open(incarnation, "producer", 0));
  const other = open(incarnations.otherWorker, "worker", 0);
  let second: Writer | undefined = open(incarnations.killedWorker, "worker", 0);
  let held = 0;
  let todoInAll = 0;
  const scan = open(incarnations.scan, "harness", 0);

  for (let slice = 0; slice < work.length; slice++) {
    const at = originNs + slice * sliceNs;
    const todo = work[slice] ?? [];
    if (slice % askSlices === 0) {
      scan.put(at, "storeTime", { aux: at / 1e6, micros: 200 });
      scan.put(at, "depth", { aux: todoInAll, micros: 200 });
    }
    const from = Math.ceil(slice * perSlice);
    const to = Math.min(jobs, Math.ceil((slice + 1) * perSlice));
    for (let job = from; job < to; job++) {
      producers[job & 1]?.put(at, "send", { job, code: plannedFailures(job), micros: 4000, aux: at });
      if (isDelayed(job)) producers[job & 1]?.put(at, "delayed", { job, micros: (delaySlices * sliceNs) / 1000 });
      (isDelayed(job) ? work[slice + delaySlices] : todo)?.push({ job, attempt: 1 });
    }
    todoInAll += Math.max(0, to - from);
    for (let job = from; job < to; job++)
      producers[job & 1]?.put(at + 1e6, "ok", { job, ...printsOf(`job-${job & 1}-${job}`) });
    if (slice === killSlice + restartSlices) second = open(incarnations.replacement, "worker", slice);
    const worker = (job: number): Writer => ((job & 2) === 0 && second !== undefined ? second : other);
    const finished: { readonly job: number; readonly attempt: number }[] = [];
    for (const { job, attempt } of todo) {
      worker(job).put(at + 2e6, "start", { job, attempt });
      // From the kill on, what the doomed worker starts is never heard of again, until the lease is over.
      if (
        second !== undefined &&
        slice >= killSlice &&
        held < inFlight &&
        worker(job) === second &&
        plannedFailures(job) === 0
      ) {
        held++;
        work[slice + leaseSlices]?.push({ job, attempt: attempt + 1 });
      } else finished.push({ job, attempt });
    }
    for (const { job, attempt } of finished)
      worker(job).put(at + 6e6, attempt <= plannedFailures(job) ? "failed" : "end", { job, attempt });
    for (const { job, attempt } of finished) {
      if (attempt > plannedFailures(job)) worker(job).put(at + 7e6, "accepted", { job, attempt, code: settledAs.done });
      else if (attempt < attempts) work[slice + backoffSlices * attempt + 1]?.push({ job, attempt: attempt + 1 });
      else {
        worker(job).put(at + 7e6, "accepted", { job, attempt, code: settledAs.dead });
        dead.push(job);
      }
      if (attempt > plannedFailures(job) || attempt === attempts) todoInAll--;
    }
    work[slice] = [];
    if (held >= inFlight && second !== undefined && slice < killSlice + restartSlices) {
      second.kill();
      second = undefined;
    }
    if (slice % 100 === 0) await nextTurn();
  }
  const endNs = originNs + work.length * sliceNs;
  for (const writer of [...producers, other, second]) writer?.close(endNs);
  for (const job of dead)
    scan.put(endNs, "place", { job, attempt: attempts, code: places.dead, micros: allDeadFields });
  scan.close(endNs);
  writeJournal(journalFile(directory), originNs + killSlice * sliceNs, originNs + slices * sliceNs, endNs);
  writeFileSync(factsFile(directory), JSON.stringify(factsOf(jobs)));
}

const factsOf = (jobs: number): RunFacts => ({
  seed: "1",
  scenario: "synthetic",
  system: "synthetic",
  jobs,
  payloadBytes: 0,
  attempts,
  backoffMs: (backoffSlices * sliceNs) / 1e6,
  priorities: [],
  tellsSettlements: true,
  bounds: boundsOf({ recoveryMs: 10_000, retryMs: 0, leaseMs: 5000, giveAwayMs: 4000, reconnectMs: 1000 }),
  claims: {},
  concurrency: 1000,
  producers: incarnations.producers.length,
  scheduled: { "kill-worker": 1 },
  leftOut: [],
  exercises: ["no-acked-loss", "recovery-bound"],
  load: { lateShare: 0.01, lateAfterMs: 1000 },
});

function writeJournal(file: string, killedNs: number, loadEndNs: number, endNs: number): void {
  let [seq, before] = [0, ""];
  const write = (at: number, entry: JournalEntry): void => {
    const { text, sum } = sealLine({ at, seq: seq++, ...entry }, before);
    appendFileSync(file, `${text}\n`);
    before = sum;
  };
  const identity = (incarnation: number) => ({ pid: 100 + incarnation, startedAt: "0" });
  const spawned = (at: number, role: Author["role"], slot: number, incarnation: number): void => {
    write(at, { type: "spawned", identity: identity(incarnation), role, slot, incarnation });
    write(at, { type: "ready", incarnation });
  };
  const exited = (at: number, incarnation: number, signal: string | null): void =>
    write(at, { type: "exited", identity: identity(incarnation), code: signal === null ? 0 : null, signal });
  const id = "kill-worker-1";
  for (const [slot, incarnation] of incarnations.producers.entries())
    spawned(originNs - 1e9, "producer", slot, incarnation);
  spawned(originNs - 1e9, "worker", 0, incarnations.otherWorker);
  spawned(originNs - 1e9, "worker", 1, incarnations.killedWorker);
  write(originNs, { type: "phase", phase: "load" });
  write(killedNs, {
    type: "arming",
    id,
    fault: "kill-worker",
    effect: "killed",
    touches: ["worker:1"],
    plan: {},
    handles: {},
  });
  const goneNs = killedNs + 5 * sliceNs;
  exited(goneNs, incarnations.killedWorker, "SIGKILL");
  write(goneNs, { type: "armed", id });
  write(goneNs, { type: "bit", id, evidence: { proven: true, facts: {} } });
  spawned(killedNs + (restartSlices - 10) * sliceNs, "worker", 1, incarnations.replacement);
  write(killedNs + restartSlices * sliceNs, { type: "healed", id, evidence: { proven: true, facts: {} } });
  write(loadEndNs, { type: "phase", phase: "heal" });
  write(loadEndNs, { type: "phase", phase: "drain" });
  write(endNs, { type: "drain", outcome: "drained", seconds: (endNs - loadEndNs) / 1e9 });
  write(endNs, { type: "phase", phase: "scan" });
  write(endNs, { type: "scanned", finished: true, agrees: true, leftovers: [] });
  for (const incarnation of [...incarnations.producers, incarnations.otherWorker, incarnations.replacement])
    exited(endNs, incarnation, null);
  write(endNs, { type: "phase", phase: "over" });
}

interface Writer {
  /** In order of time; ticks come by themselves. */
  put(at: number, kind: Kind, fields: Fields): void;
  close(at: number): void;
  /** Ends without a closing record. */
  kill(): void;
}

function openWriter(file: string, author: Author, fromNs: number): Writer {
  const descriptor = openSync(file, "wx");
  const buffer = slots(1 + blockRecords);
  let sum = encodeHeader(buffer, author);
  writeSync(descriptor, buffer.bytes, 0, recordBytes);
  /** Slots: the first is for the head of the block. */
  let filled = 1;
  let seq = 0;
  let nextTick = fromNs;
  const flush = (): void => {
    if (filled === 1) return;
    sum = sealBlock(buffer, 0, filled, sum);
    const end = filled * recordBytes;
    for (let from = 0; from < end;) from += writeSync(descriptor, buffer.bytes, from, end - from);
    filled = 1;
  };
  const add = (at: number, kind: Kind, fields: Fields): void => {
    encode(buffer, filled++, seq++, at, kind, fields);
    if (filled * recordBytes === buffer.bytes.length) flush();
  };
  const put = (at: number, kind: Kind, fields: Fields): void => {
    for (; nextTick <= at; nextTick += tickMs * 1e6) add(nextTick, "tick", {});
    add(at, kind, fields);
  };
  const kill = (): void => {
    flush();
    closeSync(descriptor);
  };
  return {
    put,
    kill,
    close(at) {
      put(at, "close", { aux: seq });
      kill();
    },
  };
}
