import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { encode, encodeHeader, slots, slotU32, type Slots } from "./encode.ts";
import { fileSource, historyFile, historySources, memorySource, readHistory, type FileState } from "./reader.ts";
import { magicBefore, recordBytes } from "./record.ts";

/** Of the format before there were checksums. */
function header(to: Slots, incarnation: number): void {
  encodeHeader(to, { incarnation, role: "worker" });
  to.bytes.set(new TextEncoder().encode(magicBefore));
}

/** A worker's file of that many starts, job n at n ns, and a closing record. */
function file(records: number, sequence: (n: number) => number = (n) => n, incarnation = 5): Uint8Array {
  const written = slots(records + 2);
  header(written, incarnation);
  for (let n = 0; n < records; n++) encode(written, n + 1, sequence(n), n, "start", { job: n });
  encode(written, records + 1, sequence(records), records, "close", { aux: records });
  return written.bytes;
}

function read(
  bytes: Uint8Array,
): FileState & { readonly jobs: readonly (number | undefined)[]; readonly blocks: number } {
  const jobs: (number | undefined)[] = [];
  let blocks = 0;
  const state = readHistory(memorySource(5, bytes), ({ u32 }, from, to, author) => {
    expect(author).toEqual({ incarnation: 5, role: "worker" });
    blocks++;
    for (let slot = from; slot < to; slot++) jobs.push(u32[slot * slotU32.perSlot + slotU32.job]);
  });
  return { ...state, jobs, blocks };
}

test("a whole file is read to its closing record", () => {
  const { jobs, ...state } = read(file(3));
  expect(jobs).toEqual([0, 1, 2, 0]);
  expect(state).toEqual({
    author: { incarnation: 5, role: "worker" },
    bytes: 160,
    records: 4,
    closed: true,
    firstAt: 0,
    lastAt: 3,
    damage: undefined,
    bent: undefined,
    checksums: false,
    blocks: 1,
  });
});

test("records over several blocks are read once each", () => {
  const count = 100_000;
  const { jobs, blocks, records, closed, damage } = read(file(count));
  expect({ records, closed, damage }).toEqual({ records: count + 1, closed: true, damage: undefined });
  expect(blocks).toBeGreaterThan(2);
  expect(jobs.slice(0, count).every((job, n) => job === n)).toBe(true);
});

test("blocks that end exactly with the file are no damage", () => {
  for (const records of [32_766, 32_767, 65_534]) {
    expect(read(file(records))).toMatchObject({ records: records + 1, closed: true, damage: undefined });
  }
});

test("a last record that was torn off is left out", () => {
  for (const torn of [1, 8, 31]) {
    const { jobs, closed, damage } = read(file(3).subarray(0, 4 * recordBytes + torn));
    expect({ jobs, closed, damage }).toEqual({ jobs: [0, 1, 2], closed: false, damage: undefined });
  }
});

test("a file without a whole record has none, and is whole as far as it goes", () => {
  expect(read(file(3).subarray(0, recordBytes))).toMatchObject({ records: 0, closed: false, damage: undefined });
  expect(read(new Uint8Array(0))).toMatchObject({ author: undefined, records: 0, damage: undefined });
});

test("a dropped record is seen, also between two blocks", () => {
  expect(read(file(5, (n) => (n < 3 ? n : n + 1)))).toMatchObject({
    records: 6,
    damage: "record 4 stands where 3 should",
  });
  expect(read(file(40_000, (n) => (n < 32_767 ? n : n + 2)))).toMatchObject({
    damage: "record 32769 stands where 32767 should",
  });
});

test("what cannot follow the last record is not read: a piece that begins in the middle of a record, or an older one", () => {
  const bytes = file(9);
  for (const lost of [1, 4, 8, 12, 16, 24, 31, 33, 40, 95]) {
    const cut = new Uint8Array([...bytes.subarray(0, 4 * recordBytes), ...bytes.subarray(4 * recordBytes + lost)]);
    const { jobs, damage } = read(cut);
    expect({ lost, jobs, damage }).toEqual({ lost, jobs: [0, 1, 2], damage: expect.any(String) });
  }
  expect(read(file(5, (n) => (n < 3 ? n : n - 3)))).toMatchObject({
    jobs: [0, 1, 2],
    damage: "record 0 stands where 3 should",
  });
});

test("what looks like a record by chance is none: the end of one and the beginning of another", () => {
  const written = slots(14);
  header(written, 5);
  for (let n = 0; n < 13; n++) encode(written, n + 1, n, 1e12 + n, "send", { job: n, aux: 1e12 + n });
  // Behind record 9: from byte 24 of record 10 on: its intended time, and the number of record 11, which is that of a
  // kind.
  const from = 11 * recordBytes - 3;
  const cut = new Uint8Array([...written.bytes.subarray(0, from), ...written.bytes.subarray(from + 24)]);
  expect(read(cut)).toMatchObject({
    records: 10,
    damage: expect.stringMatching(/^record \d+ stands where 10 should$/),
  });
});

test("a whole piece that was lost at the beginning is seen, and the rest is read", () => {
  const bytes = file(5);
  const cut = new Uint8Array([...bytes.subarray(0, recordBytes), ...bytes.subarray(3 * recordBytes)]);
  expect(read(cut)).toMatchObject({ jobs: [2, 3, 4, 0], closed: true, damage: "record 2 stands where 0 should" });
});

test("the file of another process is not read", () => {
  expect(read(file(2, undefined, 6))).toMatchObject({ records: 0, damage: "it is that of process 6" });
});

test("what is no history is not read", () => {
  expect(read(new TextEncoder().encode("a file of somebody else, long enough for a header"))).toMatchObject({
    author: undefined,
    damage: "it does not begin as a history does",
  });
});

test("what is no record ends the reading", () => {
  const bytes = file(3);
  bytes.fill(0, 3 * recordBytes);
  expect(read(bytes)).toMatchObject({ records: 2, closed: false, damage: "what follows its record 2 is none" });
});

test("a directory's histories are found in the order of their incarnations", () => {
  const directory = mkdtempSync(join(tmpdir(), "whitewater-reader-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  for (const incarnation of [10, 9, 0])
    writeFileSync(historyFile(directory, incarnation), file(2, undefined, incarnation));
  writeFileSync(join(directory, "notes.txt"), "");
  const sources = historySources(directory);
  expect(sources.map(({ incarnation }) => incarnation)).toEqual([0, 9, 10]);
  let visited = 0;
  expect(readHistory(fileSource(historyFile(directory, 9)), () => visited++)).toMatchObject({
    records: 3,
    closed: true,
  });
  expect(visited).toBe(1);
});
