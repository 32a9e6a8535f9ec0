/**
 * The bytes of a history file: one header, then blocks, little endian, appended by one process only. A block is what
 * left in one write: its head, then its records. All three are 32 bytes long.
 *
 *   header   0            8                 12         16     28           32
 *            | "WWHIST02" | incarnation u32 | role u32 | zero | check u32  |
 *
 *   head     0         8      12           16     17         20      24      28       32
 *            | at f64  | seq  | 0xffffffff | 0xff | check    | sum   | count | before |
 *            | ns      | u32  | u32        | u8   | u24      | u32   | u32   | u32    |
 *
 *   record   0         8      12     16     17        18     20       24      32
 *            | at f64   | seq  | job  | kind | attempt | code | micros | aux f64 |
 *            | ns       | u32  | u32  | u8   | u8      | u16  | u32    |         |
 *
 * Of a head, `at` and `seq` are those of the first of its `count` records, `sum` is the checksum (std/checksum.ts) of
 * their words, seeded with `before`, which is the `sum` of the block before it, for the first one the header's `check`;
 * a `check` is that of the header's, or the head's, own other words. So a file that was cut short is whole up to its
 * last whole block, and says how much is missing of the next one, while bytes that were changed, moved, or came from
 * elsewhere do not fit. Files of "WWHIST01" have records alone, and no checksums.
 *
 * `at` is CLOCK_MONOTONIC in nanoseconds. `seq` counts from 0 in each file, so a dropped block is seen. Jobs are dense
 * integers in the order of their intended time: job n is the n-th arrival. What the other fields hold depends on the
 * kind and stands beside it below; a field that is not named is 0.
 */
export const recordBytes = 32;
export const magic = "WWHIST02";
/** Of files without checksums, which are still read. */
export const magicBefore = "WWHIST01";

/** Where a record has its kind, the head of a block has this, so that whoever looks for a kind passes it over. */
export const blockMark = 0xff;
/** As many records are in one block at most: it is checked as a whole before any of them is read. */
export const blockRecordsMax = 8191;

/** In the order in which such a table has them. */
export const namesOf = <Name extends string>(table: Readonly<Record<Name, number>>): readonly Name[] =>
  Object.keys(table).filter((name): name is Name => name in table);

export const roles = { producer: 1, worker: 2, harness: 3 } as const;
export type Role = keyof typeof roles;

export const kinds = {
  /**
   * About to be handed to the system. aux: intended time, ns. code: failures planned (`alwaysFails`: every attempt;
   * `killsItsWorker`: no attempt ever ends). micros: planned run time. attempt: the number of its priority, from 1 in
   * the order of the scenario; 0 for none.
   */
  send: 1,
  /**
   * The enqueue was acknowledged. micros and aux: two prints of the receipt's id (receipts.ts); micros 0: it has none.
   * code: `asDuplicate` where it names a job that was written before, under the same caller's key.
   */
  ok: 2,
  /** The enqueue was refused before anything was written. */
  refused: 3,
  /** No one knows whether the enqueue happened. */
  unknown: 4,
  /** The handler's body begins after this is on file. attempt: the system's own count, from 1. */
  start: 5,
  /** The handler's body is over and will resolve. */
  end: 6,
  /** The handler's body is over and will throw. */
  failed: 7,
  /** The system says it accepted a terminal settlement (done or dead). code: `settledAs`. */
  accepted: 8,
  /** The system refused a settlement by this worker. */
  settlementRefused: 9,
  /** Sent, but no answer: the settlement may or may not have happened. */
  settlementUnknown: 10,
  /**
   * A payload that is not what was enqueued under its id (bad checksum, id out of range). job: `noJob` when unreadable.
   */
  corrupt: 11,
  /**
   * Every `tickMs` from every process that runs. aux: processor time that it has used so far (user and system), in
   * microseconds.
   */
  tick: 12,
  /**
   * Found by the final scan. code: `places`. For the dead: attempt: attempts the entry states; micros: `deadFields`
   * present and right.
   */
  place: 13,
  /** The last record of a process that ended on purpose. aux: how many records came before it. */
  close: 14,
  /**
   * The store's own clock, asked on a direct link by the harness. aux: ms since 1970. micros: how long the question
   * took; it was read within that time before `at`.
   */
  storeTime: 15,
  /**
   * What the system says it still has to do: waiting, active and delayed. aux: that number. micros: how long the
   * question took, up to `at`.
   */
  depth: 16,
  /** Beside the `send` of a job that must not start for a while. micros: that delay. */
  delayed: 17,
  /** The system withdrew a run that goes on: its hand is free for another. attempt: as in its start. */
  aborted: 18,
  /**
   * Beside the `place` of a dead-letter entry. micros: when it says that the job was enqueued, ms since 1970 modulo
   * 2^32.
   */
  deadEnqueued: 19,
  /**
   * The same of when the job failed for good. code: the number of the process whose name it holds, `noWorker` for no
   * such name.
   */
  deadFailed: 20,
  /** Beside the `send` of a job under the caller's key of an earlier one. micros: the number of that one. */
  repeated: 21,
} as const;
export type Kind = keyof typeof kinds;

export const tickMs = 100;
/** Where ticks are further apart, the process may have stood still; where they are not, one was late. */
export const hiccupNs = 2 * tickMs * 1e6;
/**
 * A process that did not tick for this long did not run. Ticks are due every `tickMs`; a check asks for longer gaps
 * where its lease is longer.
 */
export const stallNs = 500e6;

export const alwaysFails = 0xffff;
/** Its handler takes its worker's process along, on every attempt. */
export const killsItsWorker = 0xfffe;
export const asDuplicate = 1;
export const noJob = 0xffffffff;
export const noWorker = 0xffff;

/** What the system made of a job with a terminal settlement. A retry is not terminal and is not reported. */
export const settledAs = { done: 0, dead: 1 } as const;
export type SettledAs = keyof typeof settledAs;

/** Where the final scan found a job; bits, so that more than one place is seen. */
export const places = { waiting: 1, active: 2, delayed: 4, dead: 8 } as const;
export type PlaceName = keyof typeof places;

/**
 * What a dead-letter entry held, as bits; a bit is set only when the value was there and agreed with the harness's own.
 */
export const deadFields = {
  payload: 1,
  origin: 2,
  attempts: 4,
  firstError: 8,
  lastError: 16,
  enqueuedAt: 32,
  failedAt: 64,
  worker: 128,
} as const;
export type DeadField = keyof typeof deadFields;
export const deadFieldNames: readonly DeadField[] = [
  "payload",
  "origin",
  "attempts",
  "firstError",
  "lastError",
  "enqueuedAt",
  "failedAt",
  "worker",
];

export interface HistoryRecord {
  readonly at: number;
  readonly kind: Kind;
  readonly job?: number;
  readonly attempt?: number;
  readonly code?: number;
  readonly micros?: number;
  readonly aux?: number;
}
