/**
 * The first pass over the records: into columns by job, counts by second, and the ticks of each process. Fifty million
 * records go through this loop, so it allocates nothing and calls nothing that the compiler does not put in place.
 */
import { emptyColumns } from "./empty-columns.ts";
import { addHandler, endHandler, noActivity, withdraw, type GrowingActivity } from "./activity.ts";
import { attemptOf, codeOf, kindOf, slotF64, slotU32, type Author, type Slots } from "./encode.ts";
import {
  delayUnitMs,
  isAcknowledged,
  never,
  outcomes,
  secondOf,
  spanSeconds,
  tickNs,
  ticksPerSecond,
  type DepthSample,
  type Ledger,
  type RunFacts,
  type SampledStart,
} from "./ledger.ts";
import type { FileFacts, FirstPass } from "./first-pass.ts";
import { asDuplicate, hiccupNs, kinds, noJob, settledAs } from "./record.ts";
import { cutRates, emptyRates } from "./rates.ts";
import { addReceipt, noReceipts } from "./receipts.ts";
import { readHistory, type HistorySource } from "./reader.ts";
import { addProcessorTime, type ProcessorTime } from "./processor-time.ts";
import { clockOf, type TimeSample } from "./store-clock.ts";

/** Of so many jobs at most, spread evenly, it is kept who started them. */
const startsSampled = 20_000;

/** As many corrupt payloads are kept one by one; a run with more of them is as condemned. */
const corruptKept = 100_000;

const lastTick = never - 1;
const seconds = Math.ceil(never / ticksPerSecond) + 1;

const {
  send,
  ok,
  refused,
  unknown,
  start,
  end,
  failed,
  accepted,
  corrupt: corrupted,
  tick,
  place: placed,
  close,
  storeTime,
  depth,
  delayed,
  aborted,
  repeated,
} = kinds;

const delayUnitMicros = delayUnitMs * 1000;
const longestDelay = 0xffff;

/** Reads every file once. `origin` in ns, as recorded; records about jobs outside of the plan are damage. */
export function readColumns(
  { jobs, priorities, repeats = false }: Pick<RunFacts, "jobs" | "priorities" | "repeats">,
  origin: number,
  sources: readonly HistorySource[],
): FirstPass {
  const pass: Pass = {
    jobs,
    origin,
    columns: emptyColumns(jobs, priorities.length > 0, repeats),
    rates: emptyRates(seconds),
    mentions: new Uint8Array(jobs),
    odd: new Uint32Array(Math.ceil(jobs / 32)),
    receipts: noReceipts(jobs),
    corrupt: [],
    times: [],
    depths: [],
    sampledStarts: [],
    sampleEvery: Math.max(1, Math.ceil(jobs / startsSampled)),
    lastSecond: 0,
  };
  const files = sources.map((source): FileFacts => {
    const file: File = {
      gaps: [],
      lastTickAt: Number.NaN,
      processorTime: { at: [], micros: [] },
      outside: undefined,
      beyond: false,
      activity: noActivity(),
    };
    const state = readHistory(source, (block, from, to, author) => addRecords(pass, file, block, from, to, author));
    const { gaps, lastTickAt, processorTime, activity } = file;
    if (state.records > 0) pass.lastSecond = Math.max(pass.lastSecond, secondOf(ticksOf(state.lastAt - origin)));
    return {
      ...state,
      damage: state.damage ?? unfit(file, jobs),
      incarnation: source.incarnation,
      gaps,
      lastTickAt,
      processorTime,
      activity,
    };
  });
  const { columns, rates, mentions, corrupt, lastSecond } = pass;
  return {
    columns,
    rates: cutRates(rates, 1 + Math.max(lastSecond, ...Object.values(rates).map(lastCounted))),
    files,
    corrupt,
    mentions,
    odd: pass.odd,
    receipts: pass.receipts,
    sampledStarts: pass.sampledStarts,
    storeClock: clockOf(pass.times),
    depths: pass.depths.toSorted((a, b) => a.to - b.to),
  };
}

interface Pass extends Omit<FirstPass, "files" | "corrupt" | "storeClock" | "depths" | "sampledStarts"> {
  readonly jobs: number;
  readonly origin: number;
  readonly corrupt: Ledger["corrupt"][number][];
  readonly times: TimeSample[];
  readonly depths: DepthSample[];
  readonly sampledStarts: SampledStart[];
  readonly sampleEvery: number;
  lastSecond: number;
}

interface File {
  readonly gaps: FileFacts["gaps"][number][];
  lastTickAt: number;
  readonly processorTime: ProcessorTime;
  /** A job that is none of the plan. */
  outside: number | undefined;
  /** It has records of later than columns can tell apart: all of these look as if they were of one moment. */
  beyond: boolean;
  readonly activity: GrowingActivity;
}

function unfit({ outside, beyond }: File, jobs: number): string | undefined {
  if (outside !== undefined) return `it names job ${outside} of a plan of ${jobs}`;
  return beyond
    ? `it goes on for longer than the ${(spanSeconds / 3600).toFixed(1)} hours that a history can tell`
    : undefined;
}

// long: a branch for each kind of record, in the loop that every record of a run passes: a call for each would cost
function addRecords(pass: Pass, file: File, { u32, f64 }: Slots, from: number, to: number, author: Author): void {
  const { jobs, origin, mentions, odd, receipts } = pass;
  const { outcome, intendedAt, sentAt, answeredAt, starts, firstStartAt, startedBy, ends, lastEndAt } = pass.columns;
  const { failures, acceptedDone, acceptedDead, settledAt, place, plannedFailures, delay } = pass.columns;
  const { priority, repeats, told } = pass.columns;
  const prioritised = priority.length > 0;
  const repeating = repeats.length > 0;
  const { rates, sampledStarts, sampleEvery } = pass;
  for (let slot = from; slot < to; slot++) {
    const word = slot * slotU32.perSlot;
    const job = u32[word + slotU32.job] ?? 0;
    const head = u32[word + slotU32.head] ?? 0;
    const kind = kindOf(head);
    const code = codeOf(head);
    const at = f64[slot * slotF64.perSlot] ?? 0;
    if (kind === tick || kind === close) {
      if (kind === tick) {
        addTick(file, at);
        addProcessorTime(file.processorTime, at - origin, f64[slot * slotF64.perSlot + slotF64.aux] ?? 0);
      }
      continue;
    }
    if (kind === storeTime || kind === depth) {
      const micros = u32[word + slotU32.micros] ?? 0;
      addAnswer(pass, kind, at - origin, f64[slot * slotF64.perSlot + slotF64.aux] ?? 0, micros);
      continue;
    }
    if (kind === corrupted) addCorrupt(pass, author, job, at);
    if (job >= jobs) {
      // What happens to a payload that belongs to no job is about none: that it was met is on record as corrupt.
      if (job !== noJob) file.outside ??= job;
      continue;
    }
    const now = ticksOf(at - origin);
    if (now === lastTick) file.beyond = true;
    mentions[job] = oneMore(mentions[job]);
    switch (kind) {
      case send: {
        const intended = ticksOf((f64[slot * slotF64.perSlot + slotF64.aux] ?? 0) - origin);
        if (outcome[job] === outcomes.notSent || outcome[job] === outcomes.refused) outcome[job] = outcomes.unanswered;
        if (now < (sentAt[job] ?? 0)) sentAt[job] = now;
        if (intended < (intendedAt[job] ?? 0)) intendedAt[job] = intended;
        if (code > 0) plannedFailures[job] = code;
        if (prioritised) priority[job] = attemptOf(head);
        count(rates.intended, intended);
        break;
      }
      case ok:
        outcome[job] = code === asDuplicate ? outcomes.duplicate : outcomes.ok;
        if (now < (answeredAt[job] ?? 0)) answeredAt[job] = now;
        if (repeating) told[job] = u32[word + slotU32.micros] ?? 0;
        // The id of a duplicate is another job's.
        if (code !== asDuplicate && u32[word + slotU32.micros] !== 0)
          addReceipt(receipts, u32[word + slotU32.micros] ?? 0);
        count(rates.acknowledged, now);
        break;
      case start:
        starts[job] = oneMore(starts[job]);
        if (attemptOf(head) !== 1) odd[job >>> 5]! |= 1 << (job & 31);
        if (now < (firstStartAt[job] ?? 0)) {
          firstStartAt[job] = now;
          startedBy[job] = author.incarnation > 0xff ? 0 : author.incarnation;
        }
        count(rates.started, now);
        addHandler(file.activity, now, 1);
        if (job % sampleEvery === 0) sampledStarts.push({ job, incarnation: author.incarnation, at: at - origin });
        break;
      case end:
        ends[job] = oneMore(ends[job]);
        if (lastEndAt[job] === never || now > (lastEndAt[job] ?? 0)) lastEndAt[job] = now;
        count(rates.ended, now);
        endHandler(file.activity, now, job, attemptOf(head));
        break;
      case accepted:
        if (code === settledAs.done) acceptedDone[job] = oneMore(acceptedDone[job]);
        else acceptedDead[job] = oneMore(acceptedDead[job]);
        if (ends[job] === 0) odd[job >>> 5]! |= 1 << (job & 31);
        if (now < (settledAt[job] ?? 0)) settledAt[job] = now;
        count(rates.settled, now);
        break;
      case failed:
        failures[job] = oneMore(failures[job]);
        count(rates.failed, now);
        endHandler(file.activity, now, job, attemptOf(head));
        break;
      case aborted:
        withdraw(file.activity, job, attemptOf(head));
        break;
      case placed:
        place[job] = (place[job] ?? 0) | code;
        break;
      case repeated:
        if (repeating) repeats[job] = u32[word + slotU32.micros] ?? 0;
        break;
      case delayed:
        delay[job] = Math.min(Math.floor((u32[word + slotU32.micros] ?? 0) / delayUnitMicros), longestDelay);
        break;
      case unknown:
      case refused:
        // What is certain wins over what is not: of several answers, ok before unknown before refused.
        if (!isAcknowledged(outcome[job]) && (kind === unknown || outcome[job] !== outcomes.unknown)) {
          outcome[job] = kind === unknown ? outcomes.unknown : outcomes.refused;
        }
        if (now < (answeredAt[job] ?? 0)) answeredAt[job] = now;
        break;
    }
  }
}

function addTick(file: File, at: number): void {
  if (at - file.lastTickAt > hiccupNs) file.gaps.push({ from: file.lastTickAt, to: at });
  file.lastTickAt = at;
}

/** What the store, or the system, answered about itself: it is about no job. */
function addAnswer({ times, depths }: Pass, kind: number, at: number, value: number, micros: number): void {
  if (kind === storeTime) times.push({ at, ms: value, widthMs: micros / 1000 });
  else depths.push({ from: at - micros * 1000, to: at, depth: value });
}

function addCorrupt({ jobs, origin, corrupt }: Pass, { incarnation, role }: Author, job: number, at: number): void {
  if (corrupt.length === corruptKept) return;
  corrupt.push({
    job: job < jobs ? job : noJob,
    incarnation,
    at: at - origin,
    where: role === "harness" ? "scan" : "handler",
  });
}

/** A callback for each second that a run may have takes longer than to read a short one. */
function lastCounted(rate: Uint32Array): number {
  let second = rate.length - 1;
  while (second >= 0 && rate[second] === 0) second--;
  return second;
}

function count(rate: Uint32Array, ticks: number): void {
  rate[secondOf(ticks)]!++;
}

const oneMore = (count: number | undefined): number => (count === undefined || count === 0xff ? 0xff : count + 1);

/** What came before the origin is kept at it, what came too late at the last tick. */
const ticksOf = (ns: number): number => (ns <= 0 ? 0 : ns >= lastTick * tickNs ? lastTick : (ns / tickNs) >>> 0);
