import { mkdtempSync, readFileSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../std/deadline.ts";
import { monotonic } from "../std/clock.ts";
import { nextTurn } from "../std/turn.ts";
import { kindNames, kindOf, slotF64, slotU32 } from "./encode.ts";
import { fileSource, readHistory } from "./reader.ts";
import type { Kind } from "./record.ts";
import { openRecorder, type Recorder, type Write } from "./recorder.ts";

function recorder(write?: Write, clock = monotonic): { readonly recorder: Recorder; readonly file: string } {
  const directory = mkdtempSync(join(tmpdir(), "whitewater-recorder-"));
  const file = join(directory, "7.bin");
  const opened = openRecorder(file, { incarnation: 7, role: "worker" }, clock, write);
  onTestFinished(() => {
    try {
      opened.close();
    } catch {
      // A recorder that is broken on purpose says so again.
    }
    rmSync(directory, { recursive: true });
  });
  return { recorder: opened, file };
}

/** Kinds on file, without ticks, which come when they come, and heads of blocks, which have none. */
function onFile(file: string): readonly (Kind | undefined)[] {
  const found: (Kind | undefined)[] = [];
  readHistory(fileSource(file), ({ u32 }, from, to) => {
    for (let slot = from; slot < to; slot++)
      found.push(kindNames[kindOf(u32[slot * slotU32.perSlot + slotU32.head] ?? 0)]);
  });
  return found.filter((kind) => kind !== undefined && kind !== "tick");
}

test("what is appended in one turn leaves in one write, and all who commit in it share one promise", async () => {
  const { recorder: its, file } = recorder();
  await its.commit(); // the first tick
  const before = its.written().writes;
  const size = statSync(file).size;
  const promises = [0, 1, 2].map((job) => {
    its.append("start", { job });
    return its.commit();
  });
  // What becomes ready in a microtask of this turn goes with it.
  await Promise.resolve();
  its.append("end", { job: 3 });
  const late = its.commit();
  expect(new Set([...promises, late]).size).toBe(1);
  expect(statSync(file).size).toBe(size);
  await late;
  expect(its.written().writes).toBe(before + 1);
  expect(onFile(file)).toEqual(["start", "start", "start", "end"]);
});

test("a commit with nothing to write resolves, and writes nothing", async () => {
  const { recorder: its } = recorder();
  await its.commit();
  const before = its.written();
  await its.commit();
  const after = its.written();
  // A tick may have become due in between.
  expect(after.writes - before.writes).toBe(after.records > before.records ? 1 : 0);
});

test("what nobody commits leaves at the end of the turn too", async () => {
  const { recorder: its, file } = recorder();
  its.append("accepted", { job: 1 });
  expect(onFile(file)).toEqual([]);
  await nextTurn();
  await nextTurn();
  expect(onFile(file)).toEqual(["accepted"]);
});

test("flushNow writes at once", () => {
  const { recorder: its, file } = recorder();
  its.append("start", { job: 1 });
  its.flushNow();
  expect(onFile(file)).toEqual(["start"]);
});

test("more records than the buffer holds are all on file, in order", async () => {
  const { recorder: its, file } = recorder();
  for (let job = 0; job < 20_000; job++) its.append("start", { job });
  await its.commit();
  let next = 0;
  const state = readHistory(fileSource(file), ({ u32 }, from, to) => {
    for (let slot = from; slot < to; slot++) {
      const word = slot * slotU32.perSlot;
      if (kindNames[kindOf(u32[word + slotU32.head] ?? 0)] === "start" && u32[word + slotU32.job] === next) next++;
    }
  });
  expect(next).toBe(20_000);
  expect(state.damage).toBeUndefined();
});

test("a closed file ends with the count of its records, and takes no more", async () => {
  const { recorder: its, file } = recorder();
  its.append("start", { job: 1 });
  its.close();
  its.close();
  its.append("end", { job: 1 });
  await nextTurn();
  const state = readHistory(fileSource(file), () => {});
  expect(state).toMatchObject({ author: { incarnation: 7, role: "worker" }, closed: true, damage: undefined });
  expect(readFileSync(file).readDoubleLE(statSync(file).size - 8)).toBe(state.records - 1);
});

test("commits that wait when the file is closed are kept", async () => {
  const { recorder: its, file } = recorder();
  its.append("end", { job: 1 });
  const committed = its.commit();
  its.close();
  await committed;
  expect(onFile(file)).toEqual(["end", "close"]);
});

test("it ticks by itself", async () => {
  const { recorder: its } = recorder();
  const ticks = await eventually(() => its.written().records >= 3 && its.written().records, {
    deadlineMs: 60_000,
    awaited: "three ticks",
  });
  expect(ticks).toBeGreaterThanOrEqual(3);
});

test("each tick tells how much processor time the process has used", async () => {
  const { recorder: its, file } = recorder();
  await eventually(() => its.written().records >= 3, { deadlineMs: 60_000, awaited: "three ticks" });
  const { user, system } = process.cpuUsage();
  const told: number[] = [];
  readHistory(fileSource(file), ({ u32, f64 }, from, to) => {
    for (let slot = from; slot < to; slot++)
      if (kindNames[kindOf(u32[slot * slotU32.perSlot + slotU32.head] ?? 0)] === "tick")
        told.push(f64[slot * slotF64.perSlot + slotF64.aux] ?? 0);
  });
  expect(told.toSorted((a, b) => a - b)).toEqual(told);
  expect(told[0]).toBeGreaterThan(0);
  expect(told.at(-1)).toBeLessThanOrEqual(user + system + 1e6);
});

test("a history is never written over", () => {
  const { file } = recorder();
  expect(() => openRecorder(file, { incarnation: 8, role: "worker" }, monotonic)).toThrow(/EEXIST/);
});

test("a write that the system cuts short is finished", async () => {
  const { recorder: its, file } = recorder((descriptor, bytes, from, length) =>
    writeSync(descriptor, bytes, from, Math.min(length, 50)),
  );
  for (let job = 0; job < 10; job++) its.append("start", { job });
  await its.commit();
  expect(onFile(file)).toHaveLength(10);
});

test("once a write failed, every commit says so and nothing more is written", async () => {
  let full = false;
  const { recorder: its, file } = recorder((descriptor, bytes, from, length) => {
    if (full) throw new Error("ENOSPC: no space left on device, write");
    return writeSync(descriptor, bytes, from, length);
  });
  its.append("start", { job: 1 });
  await its.commit();
  full = true;
  its.append("end", { job: 1 });
  await expect(its.commit()).rejects.toThrow(
    `the history ${file} cannot be written: ENOSPC: no space left on device, write`,
  );
  full = false;
  its.append("accepted", { job: 1 });
  await expect(its.commit()).rejects.toThrow(/ENOSPC/);
  expect(() => its.flushNow()).toThrow(/ENOSPC/);
  expect(() => its.close()).toThrow(/ENOSPC/);
  expect(onFile(file)).toEqual(["start"]);
});

test("an answer's time and how long it took tell when it was asked, whatever came between two looks at the clock", async () => {
  let now = 0;
  const { recorder: its, file } = recorder(undefined, { ...monotonic, nowNs: () => (now += 1_000_000) });
  const askedNs = now + 500_000;
  its.answer("depth", askedNs, 77);
  await its.commit();
  const told: unknown[] = [];
  readHistory(fileSource(file), ({ u32, f64 }, from, to) => {
    for (let slot = from; slot < to; slot++) {
      const word = slot * slotU32.perSlot;
      const double = slot * slotF64.perSlot;
      if (kindNames[kindOf(u32[word + slotU32.head] ?? 0)] !== "depth") continue;
      const at = f64[double + slotF64.at] ?? 0;
      told.push([at - (u32[word + slotU32.micros] ?? 0) * 1000, f64[double + slotF64.aux]]);
    }
  });
  expect(told).toEqual([[askedNs, 77]]);
});
