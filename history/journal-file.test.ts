import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Clock } from "../std/clock.ts";
import { journalFlaw, type JournalEntry, type JournalLine } from "./journal.ts";
import { openJournal, readJournal, readJournalFile } from "./journal-file.ts";

function journalFile(): string {
  const directory = mkdtempSync(join(tmpdir(), "whitewater-journal-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, "faults.jsonl");
}

/** Each question for the time is answered with one ns more. */
function counting(): Clock {
  let now = 0;
  return { nowNs: () => ++now, until: () => Promise.resolve() };
}

const identity = { pid: 12, startedAt: "345" };

const one: { readonly [Type in JournalEntry["type"]]: Extract<JournalEntry, { readonly type: Type }> } = {
  environment: { type: "environment", handles: { redis: [1, null, { a: "b" }] } },
  phase: { type: "phase", phase: "load" },
  spawned: { type: "spawned", identity, role: "worker", slot: 2, incarnation: 7 },
  ready: { type: "ready", incarnation: 7 },
  helper: { type: "helper", identity, name: "redis-server", directory: "scratch/x" },
  containers: { type: "containers", label: "run-7" },
  namespace: { type: "namespace", name: "whitewater-a-1f", store: { host: "127.0.0.1", port: 6379 } },
  exited: { type: "exited", identity, code: null, signal: "SIGKILL", lastWords: ["Error: gone"], bytes: 320 },
  trouble: { type: "trouble", of: "store", what: "the store is gone", from: 12 },
  arming: {
    type: "arming",
    id: "cut-1",
    fault: "cut",
    effect: "cut-off",
    touches: ["link:worker:2", "worker:0", "store"],
    plan: { ms: 1 },
    handles: [],
  },
  armed: { type: "armed", id: "cut-1" },
  bit: { type: "bit", id: "cut-1", evidence: { proven: true, facts: { resets: 3 } } },
  healed: { type: "healed", id: "cut-1", evidence: { proven: false, why: "still cut" } },
  connections: {
    type: "connections",
    store: ["127.0.0.1:6379"],
    processes: [
      {
        role: "worker",
        slot: 2,
        links: ["[::1]:20001"],
        looks: 9,
        connected: 8,
        past: [],
        elsewhere: ["10.0.0.1:443"],
      },
    ],
    bytes: { taken: 12, given: 34 },
  },
  drain: { type: "drain", outcome: "drained", seconds: 1.5 },
  scanned: {
    type: "scanned",
    finished: true,
    agrees: false,
    leftovers: [{ what: "locks", count: 2 }],
    why: "pages differ",
  },
  stopped: { type: "stopped", why: "Ctrl-C" },
  flaw: { type: "flaw", why: 'system "orders": enqueue threw: no' },
};

test("every line comes back as it was written, with its time", () => {
  const file = journalFile();
  const journal = openJournal(file, counting());
  const entries = Object.values(one);
  for (const entry of entries) journal.write(entry);
  expect(readJournal(file)).toEqual(entries.map((entry, seq) => ({ at: seq + 1, seq, ...entry })));
});

test("what may be left out may be left out", () => {
  const file = journalFile();
  const journal = openJournal(file, counting());
  journal.write({ type: "helper", identity, name: "redis-server" });
  journal.write({ type: "scanned", finished: true, agrees: true, leftovers: [] });
  expect(readJournal(file)).toHaveLength(2);
});

test("an absent journal has no lines", () => {
  expect(readJournal(journalFile())).toEqual([]);
});

test("a torn line is dropped by the reader, and cut away by the next writer", () => {
  const file = journalFile();
  openJournal(file, counting()).write(one.phase);
  appendFileSync(file, '{"at":2,"type":"pha');
  expect(readJournal(file)).toHaveLength(1);
  openJournal(file, counting()).write(one.stopped);
  expect(readJournal(file).map(({ seq, type }) => [seq, type])).toEqual([
    [0, "phase"],
    [1, "stopped"],
  ]);
});

test("a line that was changed, removed, exchanged or doubled is named, and the others are read", () => {
  const file = journalFile();
  const journal = openJournal(file, counting());
  for (const entry of [one.phase, one.spawned, one.ready, one.exited, one.stopped]) journal.write(entry);
  const whole = readFileSync(file, "utf8").split("\n").slice(0, -1);
  const [a = "", b = "", c = "", d = "", e = ""] = whole;
  const held = (...lines: readonly string[]) => {
    writeFileSync(file, lines.map((line) => `${line}\n`).join(""));
    const { lines: read, bent } = readJournalFile(file);
    return { read: read.length, bent: bent.map(({ line }) => line) };
  };
  expect(held(...whole)).toEqual({ read: 5, bent: [] });
  expect(held(a, b, c, d.replace("SIGKILL", "SIGTERM"), e)).toEqual({ read: 4, bent: [4] });
  expect(held(a, c, d, e)).toEqual({ read: 3, bent: [2] });
  expect(held(a, b, d, c, e).bent).toEqual([3, 4, 5]);
  expect(held(a, b, b, c, d, e)).toEqual({ read: 5, bent: [3] });
  expect(held(b, c, d, e).bent).toEqual([1]);
  expect(held(a, b.replace(/,"sum".*/, "}"), c, d, e).bent).toEqual([2, 3]);
  expect(() => readJournal(file)).toThrow(`line 2 of ${file} does not fit its checksum and the line before it`);
});

test("any flipped bit of a line is found", () => {
  const file = journalFile();
  const journal = openJournal(file, counting());
  journal.write(one.bit);
  journal.write(one.stopped);
  const bytes = readFileSync(file);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const flipped = Buffer.from(bytes);
    flipped[bit >>> 3]! ^= 1 << (bit & 7);
    writeFileSync(file, flipped);
    const { lines, bent } = readJournalFile(file);
    // A line feed that is none any more makes a torn line of the last one: that is told by what is missing.
    expect({ bit, seen: bent.length > 0 || lines.length < 2 }).toEqual({ bit, seen: true });
  }
});

test("a journal that had no checksums goes on without, and one that cannot be read is told", () => {
  const file = journalFile();
  writeFileSync(file, `${JSON.stringify({ at: 1, seq: 0, ...one.phase })}\n`);
  openJournal(file, counting()).write(one.stopped);
  expect(readJournalFile(file)).toMatchObject({ bent: [], checksums: false, lines: [{ seq: 0 }, { seq: 1 }] });
  expect(readJournalFile(tmpdir()).bent).toEqual([{ line: 1, why: expect.stringContaining("is not a plain file") }]);
});

test("a line that is not a journal's is named", () => {
  const file = journalFile();
  writeFileSync(
    file,
    `${JSON.stringify({ at: 1, ...one.phase })}\n${JSON.stringify({ at: 2, ...one.arming, touches: ["broker"] })}\n`,
  );
  expect(() => readJournal(file)).toThrow(`line 2 of ${file} is not a journal's: touches.0`);
});

const over: JournalEntry = { type: "phase", phase: "over" };
const numbered = (entries: readonly JournalEntry[]): readonly JournalLine[] =>
  entries.map((entry, seq) => ({ at: seq, seq, ...entry }));

test("a journal is whole from its first line to the end of the run; a line that was lost is missed", () => {
  const lines = numbered([one.phase, one.spawned, one.stopped, over]);
  const without = (lost: number) => journalFlaw(lines.filter((_, index) => index !== lost));
  expect(journalFlaw(lines)).toBeUndefined();
  expect([0, 1, 2, 3].map(without)).toEqual([
    "its line 1 stands where 0 should",
    "its line 2 stands where 1 should",
    "its line 3 stands where 2 should",
    "it ends before the run was over",
  ]);
  expect(journalFlaw([])).toBe("it has none");
});

test("a journal of before lines had numbers is whole if it comes to the end of the run", () => {
  const lines = [one.phase, one.stopped, over].map((entry, at) => ({ at, ...entry }));
  expect(journalFlaw(lines)).toBeUndefined();
  expect(journalFlaw(lines.slice(0, 2))).toBe("it ends before the run was over");
});
