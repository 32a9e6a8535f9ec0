/**
 * The second pass over the records: the whole lives of exceptional jobs, packed into 18 bytes an event, job by job. The
 * first pass counted them, so each event goes straight to its job's own stretch, which is put into order of time
 * afterwards. And of ids that seemed to come twice, who has them.
 */
import { attemptOf, codeOf, kindNames, slotF64, slotU32 } from "./encode.ts";
import { kinds } from "./record.ts";
import { readHistory, type HistorySource, type Visit } from "./reader.ts";
import { lookAgain } from "./receipts.ts";
import type { FirstPass } from "./first-pass.ts";
import { outcomes, type Ledger, type LifeEvent } from "./ledger.ts";

export type Lives = Pick<Ledger, "isExceptional" | "exceptions" | "life">;

export function readLives(
  first: FirstPass,
  tellsSettlements: boolean,
  origin: number,
  sources: readonly HistorySource[],
): Lives {
  const members = exceptionalJobs(first, tellsSettlements);
  const packed = pack(first, members, origin, sources);
  // Of no use from here on: their room is given back.
  for (const { buffer } of [first.mentions, first.odd]) if (buffer instanceof ArrayBuffer) buffer.transfer(0);
  const life = (member: number): LifeEvent[] => {
    const events: LifeEvent[] = [];
    for (let event = packed.begins[member] ?? 0; event < (packed.ends[member] ?? 0); event++)
      events.push(unpack(packed, event));
    return events;
  };
  return {
    isExceptional: members.has,
    *exceptions() {
      for (let member = 0; member < members.jobs.length; member++)
        yield { job: members.jobs[member] ?? 0, life: life(member) };
    },
    life: (job) => (members.has(job) ? life(members.rank(job)) : []),
  };
}

/** A set of jobs as bits, with each member's rank: its index among the members in ascending order. */
interface Members {
  readonly jobs: Uint32Array;
  has(job: number): boolean;
  rank(job: number): number;
}

function exceptionalJobs({ columns, mentions, odd }: FirstPass, tellsSettlements: boolean): Members {
  const { outcome, starts, ends, acceptedDone, plannedFailures, delay } = columns;
  const jobs = mentions.length;
  // Sent (and said to be delayed), acknowledged, started, ended (and accepted) once each, and nothing else: a clean job
  // has as many records.
  const cleanMentions = tellsSettlements ? 5 : 4;
  const cleanDone = tellsSettlements ? 1 : 0;
  const bits = new Uint32Array(Math.ceil(jobs / 32));
  const ranks = new Uint32Array(bits.length);
  let count = 0;
  for (let word = 0; word < bits.length; word++) {
    ranks[word] = count;
    let mask = 0;
    const oddBits = odd[word] ?? 0;
    for (let job = word * 32; job < Math.min(jobs, word * 32 + 32); job++) {
      const clean =
        outcome[job] === outcomes.ok &&
        mentions[job] === cleanMentions + (delay[job] === 0 ? 0 : 1) &&
        starts[job] === 1 &&
        ends[job] === 1 &&
        acceptedDone[job] === cleanDone &&
        plannedFailures[job] === 0 &&
        ((oddBits >>> (job & 31)) & 1) === 0;
      if (!clean && mentions[job] !== 0) {
        mask |= 1 << (job & 31);
        count++;
      }
    }
    bits[word] = mask;
  }
  const has = (job: number): boolean => (((bits[job >>> 5] ?? 0) >>> (job & 31)) & 1) === 1;
  const list = new Uint32Array(count);
  for (let job = 0, rank = 0; rank < count; job++) if (has(job)) list[rank++] = job;
  const rank = (job: number): number =>
    (ranks[job >>> 5] ?? 0) + onesOf((bits[job >>> 5] ?? 0) & ((1 << (job & 31)) - 1));
  return { jobs: list, has, rank };
}

/** How many bits of a word are set. */
function onesOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

/**
 * Events of the n-th exceptional job: from begins[n] to ends[n] - 1. `head` is a record's own kind, attempt and code.
 */
interface Packed {
  readonly begins: Uint32Array;
  readonly ends: Uint32Array;
  readonly at: Float64Array;
  readonly head: Uint32Array;
  readonly micros: Uint32Array;
  readonly file: Uint16Array;
  readonly incarnations: readonly number[];
}

function pack(
  { mentions, files, receipts }: FirstPass,
  members: Members,
  origin: number,
  sources: readonly HistorySource[],
): Packed {
  const begins = new Uint32Array(members.jobs.length);
  const recounted = recount(mentions, members, sources);
  let total = 0;
  for (let member = 0; member < begins.length; member++) {
    const job = members.jobs[member] ?? 0;
    begins[member] = total;
    total += recounted.get(job) ?? mentions[job] ?? 0;
  }
  const packed: Packed = {
    begins,
    ends: begins.slice(),
    at: new Float64Array(total),
    head: new Uint32Array(total),
    micros: new Uint32Array(total),
    file: new Uint16Array(total),
    incarnations: files.map((file) => file.incarnation),
  };
  for (const [file, source] of sources.entries()) {
    const visit: Visit = ({ u32, f64 }, from, to) => {
      for (let slot = from; slot < to; slot++) {
        const word = slot * slotU32.perSlot;
        const job = u32[word + slotU32.job] ?? 0;
        const head = u32[word + slotU32.head] ?? 0;
        const print = u32[word + slotU32.micros] ?? 0;
        // A whole head: that of a duplicate says more, and its id is another job's.
        if (head === kinds.ok && print !== 0 && job < mentions.length)
          lookAgain(receipts, job, print, f64[slot * slotF64.perSlot + slotF64.aux] ?? 0);
        if (!members.has(job)) continue;
        if (aboutNoJob(head & 0xff)) continue;
        const member = members.rank(job);
        insert(
          packed,
          member,
          (f64[slot * slotF64.perSlot] ?? 0) - origin,
          head,
          u32[word + slotU32.micros] ?? 0,
          file,
        );
      }
    };
    readHistory(source, visit, files[file]);
  }
  return packed;
}

/** Their job field is empty, which is not job 0. */
const aboutNoJob = (kind: number): boolean =>
  kind === kinds.tick || kind === kinds.close || kind === kinds.storeTime || kind === kinds.depth;

/** Puts an event behind those of its job that are not later. Each file is in order of time, so few have to move. */
function insert(
  { begins, ends, at, head, micros, file }: Packed,
  member: number,
  atNs: number,
  headWord: number,
  microsWord: number,
  fileIndex: number,
): void {
  let free = ends[member] ?? 0;
  ends[member] = free + 1;
  for (const begin = begins[member] ?? 0; free > begin && (at[free - 1] ?? 0) > atNs; free--) {
    at[free] = at[free - 1] ?? 0;
    head[free] = head[free - 1] ?? 0;
    micros[free] = micros[free - 1] ?? 0;
    file[free] = file[free - 1] ?? 0;
  }
  at[free] = atNs;
  head[free] = headWord;
  micros[free] = microsWord;
  file[free] = fileIndex;
}

/** Jobs with more records than the first pass could count, which is rare: counted once more. */
function recount(
  mentions: Uint8Array,
  members: Members,
  sources: readonly HistorySource[],
): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const job of members.jobs) if (mentions[job] === 0xff) counts.set(job, 0);
  if (counts.size === 0) return counts;
  for (const source of sources) {
    readHistory(source, ({ u32 }, from, to) => {
      for (let slot = from; slot < to; slot++) {
        const job = u32[slot * slotU32.perSlot + slotU32.job] ?? 0;
        if (mentions[job] !== 0xff) continue;
        const kind = (u32[slot * slotU32.perSlot + slotU32.head] ?? 0) & 0xff;
        if (!aboutNoJob(kind)) counts.set(job, (counts.get(job) ?? 0) + 1);
      }
    });
  }
  return counts;
}

function unpack({ at, head, micros, file, incarnations }: Packed, event: number): LifeEvent {
  const word = head[event] ?? 0;
  return {
    at: at[event] ?? 0,
    // The reader lets known kinds pass only.
    kind: kindNames[word & 0xff] ?? "corrupt",
    incarnation: incarnations[file[event] ?? 0] ?? 0,
    attempt: attemptOf(word),
    code: codeOf(word),
    micros: micros[event] ?? 0,
  };
}
