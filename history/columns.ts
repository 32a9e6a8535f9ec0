/**
 * The first pass over the records: into columns by job, counts by second, and the ticks of each process. Fifty million
 * records go through this loop, so it allocates nothing and calls nothing that the compiler does not put in place.
 */
import { slotF64, slotU32 } from "./encode.ts";
import { never, outcomes, tickNs, type Columns, type Ledger, type Rates } from "./ledger.ts";
import { kinds, noJob, places, settledAs } from "./record.ts";
import { readHistory, type FileState, type HistorySource } from "./reader.ts";

/** What one file says about its process. Times in ns, as recorded. */
export interface FileFacts extends FileState {
  readonly incarnation: number;
  /** Gaps between ticks longer than `stallNs`. */
  readonly gaps: readonly { readonly from: number; readonly to: number }[];
  /** NaN when there is none. */
  readonly lastTickAt: number;
}

export interface FirstPass {
  readonly columns: Columns;
  readonly rates: Rates;
  readonly files: readonly FileFacts[];
  readonly corrupt: Ledger["corrupt"];
  /** By job: all records that name it, 255 for more. */
  readonly mentions: Uint8Array;
}

/** A process that did not tick for this long did not run. Ticks are due every `tickMs`; a check asks for longer gaps where its lease is longer. */
export const stallNs = 500e6;

/** As many corrupt payloads are kept one by one; a run with more of them is as condemned. */
const corruptKept = 100_000;

const nsPerSecond = 1e9;
const lastTick = never - 1;
const seconds = Math.ceil((never * tickNs) / nsPerSecond) + 1;

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
} = kinds;

/** Reads every file once. `origin` in ns, as recorded; records about jobs outside of the plan are damage. */
export function readColumns(jobs: number, origin: number, sources: readonly HistorySource[]): FirstPass {
  const columns = emptyColumns(jobs);
  const counts = emptyRates(seconds);
  const mentions = new Uint8Array(jobs);
  const corrupt: { job: number; incarnation: number; at: number; where: "handler" | "scan" }[] = [];
  const files: FileFacts[] = [];
  let lastSecond = 0;
  for (const source of sources) {
    const gaps: { from: number; to: number }[] = [];
    let lastTickAt = Number.NaN;
    let outside: number | undefined;
    const state = readHistory(source, ({ u32, f64 }, from, to, author) => {
      const { outcome, intendedAt, sentAt, answeredAt, starts, firstStartAt, ends, lastEndAt } = columns;
      const { failures, acceptedDone, acceptedDead, settledAt, place, deadCopies, plannedFailures } = columns;
      for (let slot = from; slot < to; slot++) {
        const word = slot * slotU32.perSlot;
        const double = slot * slotF64.perSlot;
        const job = u32[word + slotU32.job] ?? 0;
        const head = u32[word + slotU32.head] ?? 0;
        const kind = head & 0xff;
        const at = f64[double] ?? 0;
        if (kind === tick) {
          if (at - lastTickAt > stallNs) gaps.push({ from: lastTickAt, to: at });
          lastTickAt = at;
          continue;
        }
        if (kind === close) continue;
        if (kind === corrupted && corrupt.length < corruptKept) {
          const where = author.role === "harness" ? "scan" : "handler";
          corrupt.push({ job: job < jobs ? job : noJob, incarnation: author.incarnation, at: at - origin, where });
        }
        if (job >= jobs) {
          if (kind !== corrupted) outside ??= job;
          continue;
        }
        const now = ticksOf(at - origin);
        mentions[job] = oneMore(mentions[job]);
        switch (kind) {
          case start:
            starts[job] = oneMore(starts[job]);
            if (now < (firstStartAt[job] ?? 0)) firstStartAt[job] = now;
            counts.started[secondOf(now)]!++;
            break;
          case end:
            ends[job] = oneMore(ends[job]);
            if (lastEndAt[job] === never || now > (lastEndAt[job] ?? 0)) lastEndAt[job] = now;
            counts.ended[secondOf(now)]!++;
            break;
          case send: {
            const intended = ticksOf((f64[double + slotF64.aux] ?? 0) - origin);
            if (outcome[job] === outcomes.notSent || outcome[job] === outcomes.refused)
              outcome[job] = outcomes.unanswered;
            if (now < (sentAt[job] ?? 0)) sentAt[job] = now;
            if (intended < (intendedAt[job] ?? 0)) intendedAt[job] = intended;
            if (head > 0xffff) plannedFailures[job] = head >>> 16;
            counts.intended[secondOf(intended)]!++;
            if (secondOf(intended) > lastSecond) lastSecond = secondOf(intended);
            break;
          }
          case ok:
            outcome[job] = outcomes.ok;
            if (now < (answeredAt[job] ?? 0)) answeredAt[job] = now;
            counts.acknowledged[secondOf(now)]!++;
            break;
          case accepted:
            if (head >>> 16 === settledAs.done) acceptedDone[job] = oneMore(acceptedDone[job]);
            else acceptedDead[job] = oneMore(acceptedDead[job]);
            if (now < (settledAt[job] ?? 0)) settledAt[job] = now;
            counts.settled[secondOf(now)]!++;
            break;
          case failed:
            failures[job] = oneMore(failures[job]);
            counts.failed[secondOf(now)]!++;
            break;
          case placed:
            place[job] = (place[job] ?? 0) | (head >>> 16);
            if (((head >>> 16) & places.dead) !== 0) deadCopies[job] = oneMore(deadCopies[job]);
            break;
          case unknown:
          case refused:
            // What is certain wins over what is not: of several answers, ok before unknown before refused.
            if (outcome[job] !== outcomes.ok && (kind === unknown || outcome[job] !== outcomes.unknown)) {
              outcome[job] = kind === unknown ? outcomes.unknown : outcomes.refused;
            }
            if (now < (answeredAt[job] ?? 0)) answeredAt[job] = now;
            break;
        }
      }
      const blockEnds = secondOf(ticksOf((f64[(to - 1) * slotF64.perSlot] ?? 0) - origin));
      if (blockEnds > lastSecond) lastSecond = blockEnds;
    });
    const damage = state.damage ?? (outside === undefined ? undefined : `it names job ${outside} of a plan of ${jobs}`);
    files.push({ ...state, damage, incarnation: state.author?.incarnation ?? source.incarnation, gaps, lastTickAt });
  }
  return { columns, rates: cutRates(counts, lastSecond + 1), files, corrupt, mentions };
}

/** One more, up to 255. */
const oneMore = (count: number | undefined): number => (count === undefined || count === 0xff ? 0xff : count + 1);

/** What came before the origin is kept at it, what came too late at the last tick. */
const ticksOf = (ns: number): number => (ns <= 0 ? 0 : ns >= lastTick * tickNs ? lastTick : (ns / tickNs) >>> 0);

const secondOf = (ticks: number): number => (ticks / (nsPerSecond / tickNs)) >>> 0;

const emptyColumns = (jobs: number): Columns => ({
  outcome: new Uint8Array(jobs),
  intendedAt: new Uint32Array(jobs).fill(never),
  sentAt: new Uint32Array(jobs).fill(never),
  answeredAt: new Uint32Array(jobs).fill(never),
  starts: new Uint8Array(jobs),
  firstStartAt: new Uint32Array(jobs).fill(never),
  ends: new Uint8Array(jobs),
  lastEndAt: new Uint32Array(jobs).fill(never),
  failures: new Uint8Array(jobs),
  acceptedDone: new Uint8Array(jobs),
  acceptedDead: new Uint8Array(jobs),
  settledAt: new Uint32Array(jobs).fill(never),
  place: new Uint8Array(jobs),
  deadCopies: new Uint8Array(jobs),
  plannedFailures: new Uint16Array(jobs),
});

const emptyRates = (length: number): Rates => ({
  intended: new Uint32Array(length),
  acknowledged: new Uint32Array(length),
  started: new Uint32Array(length),
  ended: new Uint32Array(length),
  failed: new Uint32Array(length),
  settled: new Uint32Array(length),
});

const cutRates = (rates: Rates, length: number): Rates => ({
  intended: rates.intended.slice(0, length),
  acknowledged: rates.acknowledged.slice(0, length),
  started: rates.started.slice(0, length),
  ended: rates.ended.slice(0, length),
  failed: rates.failed.slice(0, length),
  settled: rates.settled.slice(0, length),
});
