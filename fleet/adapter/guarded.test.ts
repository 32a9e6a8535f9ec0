/**
 * What an adapter answers is looked at before it is believed. Hanging and ending the process is told in
 * test/broken-adapters.real.test.ts.
 */
import { expect, test } from "vitest";
import { ForeignError } from "../../std/entrusted.ts";
import { UserError } from "../../std/user-error.ts";
import type { Connection, Work } from "../../systems/contract.ts";
import { guardedConnect } from "./guarded.ts";

/** As JavaScript gives it, whatever the types say. */
type Odd = Readonly<Partial<Record<keyof Connection, unknown>>>;

const sound: Connection = {
  enqueue: async (jobs) => jobs.map((_, id) => ({ outcome: "ok", id: String(id) })),
  work: async () => {},
  async *scan() {},
  [Symbol.asyncDispose]: async () => {},
};

async function connected(odd: Odd) {
  const flaws: (readonly [string, boolean])[] = [];
  const connection = await guardedConnect(async () => Object.assign({}, sound, odd), {
    name: 'system "odd"',
    patienceMs: 60_000,
    placesMax: 5000,
    flaw: (why, isGrave = false) => void flaws.push([why, isGrave]),
  });
  return { connection, flaws };
}

const jobs = [{ payload: "a" }, { payload: "b" }];
const junk = async (gives: unknown): Promise<unknown> => gives;

test("what is sound goes through as it is", async () => {
  const places = [
    { at: "waiting", payload: "a" },
    { at: "dead", payload: "b", entry: {} },
    { leftover: "locks", count: 1 },
    { cardinality: "dead", count: 1 },
  ];
  const { connection, flaws } = await connected({ scan: () => places, depth: () => junk(3) });
  expect(await connection.enqueue(jobs)).toEqual([
    { outcome: "ok", id: "0" },
    { outcome: "ok", id: "1" },
  ]);
  expect(await Array.fromAsync(connection.scan())).toEqual(places);
  expect(await connection.depth?.()).toBe(3);
  await connection[Symbol.asyncDispose]();
  expect(flaws).toEqual([]);
});

test.each([
  [undefined, "by undefined, and not by a receipt for each"],
  [[{ outcome: "ok", id: "1" }], "by 1 receipts, and not by a receipt for each"],
  [["ok", { outcome: "refused", why: "full" }], "enqueue gave ok for a receipt"],
])("jobs whose receipt is none are unknown: %j", async (answer, flaw) => {
  const { connection, flaws } = await connected({ enqueue: () => junk(answer) });
  const receipts = await connection.enqueue(jobs);
  expect(receipts).toHaveLength(2);
  expect(receipts.map(({ outcome }) => outcome)).toContain("unknown");
  expect(flaws).toEqual([[expect.stringContaining(flaw), false]]);
  expect(flaws[0]?.[0]).toMatch(/^system "odd": enqueue /);
});

test("an enqueue that rejects leaves its jobs unknown", async () => {
  const { connection, flaws } = await connected({ enqueue: () => Promise.reject(new Error("no room")) });
  expect((await connection.enqueue(jobs)).map(({ outcome }) => outcome)).toEqual(["unknown", "unknown"]);
  expect(flaws).toEqual([[expect.stringContaining('system "odd": enqueue threw: no room'), false]]);
});

test.each([undefined, null, "connection", {}, { enqueue() {}, work() {}, scan() {} }])(
  "what is no connection is told: %j",
  async (given) => {
    const guard = { name: 'system "odd"', patienceMs: 60_000, placesMax: 1, flaw: () => {} };
    const connecting = Reflect.apply(guardedConnect, undefined, [() => Promise.resolve(given), guard]);
    await expect(connecting).rejects.toThrow(/^system "odd": connect gave .*, and no connection with enqueue/);
  },
);

test("what connect throws is told by name, and a word to its user as it is", async () => {
  const guard = { name: 'system "odd"', patienceMs: 60_000, placesMax: 1, flaw: () => {} };
  const throwing = (thrown: Error) => guardedConnect(() => Promise.reject(thrown), guard);
  await expect(throwing(new Error("no route"))).rejects.toThrow('system "odd": connect threw: no route');
  const mistake = new UserError("set ORDERS_URL");
  await expect(throwing(mistake)).rejects.toBe(mistake);
});

test.each([
  [() => undefined, "scan gave undefined, and nothing to go through"],
  [() => [undefined], "scan showed undefined, which is no place"],
  [() => [{ at: "nowhere", payload: "" }], "which is no place"],
  [() => [{ at: "toString", payload: "" }], "which is no place"],
  [() => [{ at: "dead", payload: "" }], "which is no place"],
  [() => [{ leftover: "locks" }], "which is no place"],
  [() => Array.from({ length: 6000 }, () => ({ at: "waiting", payload: "" })), "scan does not end"],
  [() => expect.fail("no sight"), "scan threw: no sight"],
])("a scan that shows no places is told: %s", async (scan, says) => {
  const { connection } = await connected({ scan });
  const looking = Array.fromAsync(connection.scan());
  await expect(looking).rejects.toThrow(says);
  await expect(looking).rejects.toBeInstanceOf(ForeignError);
});

test("a scan without an end and without a pause gives way, and is closed when it is left", async () => {
  let isClosed = false;
  const { connection } = await connected({
    async *scan() {
      try {
        for (;;) yield { leftover: "locks", count: 0 };
      } finally {
        isClosed = true;
      }
    },
  });
  await expect(Array.fromAsync(connection.scan())).rejects.toThrow("it showed more than 5000 places");
  for await (const place of connection.scan()) {
    expect(place).toEqual({ leftover: "locks", count: 0 });
    break;
  }
  expect(isClosed).toBe(true);
});

test("a delivery that is none ends the run: what follows would look like the queue's doing", async () => {
  const delivered = (given: unknown) => (work: Work) => Reflect.apply(work.handle, work, [given]);
  const work: Work = { handle: async () => {}, settled: () => {}, concurrency: 1 };
  const { connection, flaws } = await connected({ work: delivered(undefined) });
  const working = connection.work(work, new AbortController().signal);
  await expect(working).rejects.toThrow('system "odd": work called handle with undefined');
  expect(flaws).toEqual([[expect.stringContaining("work called handle with undefined"), true]]);
});

test("what work, depth and disposal throw or give is told by name", async () => {
  const { connection, flaws } = await connected({
    work: () => Promise.reject(new Error("no hands")),
    depth: () => junk("many"),
    [Symbol.asyncDispose]: () => Promise.reject(new Error("no end")),
  });
  const work: Work = { handle: async () => {}, settled: () => {}, concurrency: 1 };
  await expect(connection.work(work, new AbortController().signal)).rejects.toThrow(
    'system "odd": work threw: no hands',
  );
  await expect(connection.depth?.()).rejects.toThrow('system "odd": depth gave no number');
  await connection[Symbol.asyncDispose]();
  expect(flaws).toEqual([
    ['system "odd": depth gave many, and no number', false],
    ['system "odd": disposal of the connection threw: no end', false],
  ]);
});
