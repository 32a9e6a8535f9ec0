import { expect, test } from "vitest";
import { writtenFile } from "./testing/written-file.ts";
import { kindOf, slotU32 } from "./encode.ts";
import { memorySource, readHistory, type FileState } from "./reader.ts";
import { blockMark, recordBytes } from "./record.ts";

/** A worker's file of that many starts, job n at n ns, and, unless it was killed, a closing record. */
function file(starts: number, { perBlock = 4, closed = true, firstJob = 0, incarnation = 5 } = {}): Uint8Array {
  const written = writtenFile({ incarnation, role: "worker" }, perBlock);
  for (let n = 0; n < starts; n++) written.put(n, "start", { job: firstJob + n });
  if (closed) written.put(starts, "close", { aux: starts });
  return written.bytes();
}

function read(
  bytes: Uint8Array,
  before?: Pick<FileState, "records">,
): FileState & { readonly jobs: readonly number[] } {
  const jobs: number[] = [];
  const state = readHistory(
    memorySource(5, bytes),
    ({ u32 }, from, to) => {
      for (let slot = from; slot < to; slot++) {
        const word = slot * slotU32.perSlot;
        if (kindOf(u32[word + slotU32.head] ?? 0) !== blockMark) jobs.push(u32[word + slotU32.job] ?? -1);
      }
    },
    before,
  );
  return { ...state, jobs };
}

/** The slot of the head of the n-th block of four. */
const headAt = (block: number): number => (1 + block * 5) * recordBytes;

test("a whole file is read to its closing record", () => {
  const bytes = file(9);
  expect(read(bytes)).toEqual({
    author: { incarnation: 5, role: "worker" },
    bytes: bytes.length,
    records: 10,
    closed: true,
    firstAt: 0,
    lastAt: 9,
    damage: undefined,
    bent: undefined,
    checksums: true,
    jobs: [0, 1, 2, 3, 4, 5, 6, 7, 8, 0],
  });
});

test("blocks of any size are read once each, wherever a piece of the file ends", () => {
  for (const perBlock of [1, 3, 1000, 8191]) {
    const { jobs, ...state } = read(file(100_000, { perBlock }));
    expect(state).toMatchObject({ records: 100_001, closed: true, damage: undefined, bent: undefined });
    expect(jobs.slice(0, 100_000).every((job, n) => job === n)).toBe(true);
  }
  for (const starts of [32_766, 32_760, 26_213, 26_214]) {
    const { records, closed, bent } = read(file(starts, { perBlock: 4 }));
    expect({ records, closed, bent }).toEqual({ records: starts + 1, closed: true, bent: undefined });
  }
});

test("read again, it gives what it gave before, whatever stands behind that", () => {
  const changed = file(100_000, { perBlock: 7 });
  changed[changed.length - 50 * recordBytes]! ^= 1;
  const grown = file(50_000, { perBlock: 7 });
  for (const bytes of [file(100_000), changed, changed.subarray(0, 60_000 * recordBytes)]) {
    const first = read(bytes);
    const again = read(bytes, first);
    expect(again.records).toBe(first.records);
    expect(again.jobs).toEqual(first.jobs);
  }
  expect(read(grown, { records: 70 }).jobs).toHaveLength(70);
  expect(read(grown, { records: 0 }).jobs).toHaveLength(0);
});

test("a file that was cut is read up to its last whole block, and that is no damage that it shows", () => {
  const bytes = file(10, { closed: false });
  for (let end = recordBytes; end < bytes.length; end++) {
    const { jobs, damage, bent } = read(bytes.subarray(0, end));
    const whole = end >= headAt(2) + 3 * recordBytes ? 10 : end >= headAt(2) ? 8 : end >= headAt(1) ? 4 : 0;
    expect({ end, jobs: jobs.length, damage, bent }).toEqual({ end, jobs: whole, damage: undefined, bent: undefined });
  }
});

test("any flipped bit is found, and nothing is read from there on", () => {
  const bytes = file(10, { closed: false });
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = bytes.slice();
    flipped[bit >>> 3]! ^= 1 << (bit & 7);
    const { jobs, bent } = read(flipped);
    const at = bit >>> 3;
    const whole = at < headAt(1) ? 0 : at < headAt(2) ? 4 : 8;
    expect({ bit, bent: typeof bent, most: jobs.length <= (at < recordBytes ? 0 : whole) }).toEqual({
      bit,
      bent: "string",
      most: true,
    });
  }
});

test("a block that was changed, moved, left out, doubled or taken from another file is named", () => {
  const bytes = file(15);
  const block = (n: number, of = bytes): Uint8Array => of.slice(headAt(n), headAt(n + 1));
  const made = (...parts: readonly Uint8Array[]): Uint8Array =>
    new Uint8Array([...bytes.subarray(0, recordBytes), ...parts.flatMap((part) => [...part])]);
  const stranger = file(15, { firstJob: 100 });
  const whole = [0, 1, 2, 3].map((n) => block(n));
  const [a = bytes, b = bytes, c = bytes, d = bytes] = whole;
  expect(read(made(...whole)).bent).toBeUndefined();
  const time = b.slice();
  time[2 * recordBytes + 3]! ^= 1;
  expect(read(made(a, time, c, d)).bent).toBe(
    "its block of records 4 to 7 has another checksum than when it was written",
  );
  const astray = (seq: number): string =>
    `its block of records ${seq} to ${seq + 3} does not follow what stands before it`;
  expect(read(made(a, c, b, d)).bent).toBe(astray(8));
  expect(read(made(a, c, d)).bent).toBe(astray(8));
  expect(read(made(a, a, b, c, d)).bent).toBe(astray(0));
  expect(read(made(a, block(1, stranger), c, d)).bent).toBe(astray(4));
  expect(read(made(a, b, c, d, a)).bent).toBe(astray(0));
  expect(read(made(a, new Uint8Array(5 * recordBytes), c, d)).bent).toBe("what follows its record 4 is no block");
  expect(read(new Uint8Array([...bytes, 1, 2, 3])).bent).toBe("something follows its closing record");
  expect(read(file(3, { incarnation: 6 }))).toMatchObject({ records: 0, bent: "it is that of process 6" });
});

test("a record that was lost before it was written is damage, and no change", () => {
  const written = writtenFile({ incarnation: 5, role: "worker" });
  written.put(1, "start", { job: 0 });
  written.put(2, "start", { job: 1 }, 3);
  expect(read(written.bytes())).toMatchObject({
    jobs: [0, 1],
    bent: undefined,
    damage: "record 3 stands where 1 should",
  });
});

test("a disk that cannot be read is told, and no accident of ours", () => {
  const broken = Object.assign(new Error("EIO: i/o error, read"), { syscall: "read" });
  const source = {
    ...memorySource(5, file(9)),
    open: () => ({
      read(): number {
        throw broken;
      },
      [Symbol.dispose]() {},
    }),
  };
  expect(readHistory(source, () => {})).toMatchObject({ records: 0, bent: "it cannot be read: EIO: i/o error, read" });
});
