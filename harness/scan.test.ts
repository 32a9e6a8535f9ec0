import { expect, test } from "vitest";
import type { Fields } from "../history/encode.ts";
import {
  alwaysFails,
  deadFieldNames,
  deadFields,
  killsItsWorker,
  type DeadField,
  type Kind,
} from "../history/record.ts";
import type { DeadEntry, Place } from "../systems/contract.ts";
import { plannedError, workScript } from "../fleet/load/work-script.ts";
import { scan } from "./scan.ts";

const script = workScript(
  {
    curve: "steady",
    jobs: 2000,
    seconds: 10,
    payloadBytes: 60,
    work: {
      durationMs: [0, 0],
      failing: 0,
      alwaysFailing: 0.1,
      killing: 0.1,
      delayed: { share: 0, upToMs: 0 },
    },
    retries: { attempts: 3, backoffMs: 10 },
  },
  11,
);
const jobWith = (planned: number): number =>
  Array.from({ length: 2000 }, (_, n) => n).findIndex((n) => script.plannedFailures(n) === planned);
const failing = jobWith(alwaysFails);
const killer = jobWith(killsItsWorker);

async function scanned(places: readonly Place[], queue?: string) {
  const records: { kind: Kind; fields: Fields | undefined }[] = [];
  const found = await scan(
    {
      ...(queue === undefined ? {} : { queue }),
      enqueue: async () => [],
      work: async () => {},
      async *scan() {
        yield* places;
      },
      [Symbol.asyncDispose]: async () => {},
    },
    script,
    {
      append: (kind, fields) => void records.push({ kind, fields }),
      answer() {},
      commit: async () => {},
      flushNow() {},
      close() {},
      written: () => ({ records: 0, writes: 0 }),
    },
  );
  return { found, records };
}

/** The fields of a dead-letter entry that are taken as right. */
async function right(job: number, entry: DeadEntry): Promise<readonly DeadField[]> {
  const { records } = await scanned([{ at: "dead", payload: script.payload(job), entry }]);
  const bits = records[0]?.fields?.micros ?? 0;
  return deadFieldNames.filter((name) => (bits & deadFields[name]) !== 0);
}

const whole = {
  origin: "1-0",
  attempts: 3,
  firstError: `Error: ${plannedError(failing, 1)}`,
  lastError: `Error: ${plannedError(failing, 3)}`,
  enqueuedAt: 1000,
  failedAt: 2000,
  worker: "worker-0-1",
} as const satisfies DeadEntry;
const all = deadFieldNames;
const but = (...names: readonly DeadField[]): readonly DeadField[] => all.filter((name) => !names.includes(name));

test("an entry that says all, and says it right, has all fields", async () => {
  expect(await right(failing, whole)).toEqual(all);
  expect(await right(failing, {})).toEqual(["payload"]);
});

test("its origin is the queue's own name, or at least the same in all entries", async () => {
  const entries = ["1-0", "1-0", "?"].map((origin): Place => ({
    at: "dead",
    payload: script.payload(failing),
    entry: { ...whole, origin },
  }));
  const rightIn = async (queue?: string): Promise<readonly boolean[]> =>
    (await scanned(entries, queue)).records
      .filter(({ kind }) => kind === "place")
      .map(({ fields }) => ((fields?.micros ?? 0) & deadFields.origin) !== 0);
  expect(await rightIn()).toEqual([true, true, false]);
  expect(await rightIn("orders")).toEqual([false, false, false]);
  expect(await rightIn("1-0")).toEqual([true, true, false]);
});

test("what an entry says of times and of its worker is put on file", async () => {
  const { records } = await scanned([
    {
      at: "dead",
      payload: script.payload(failing),
      entry: { ...whole, failedAt: 2 ** 32 + 7, worker: "redis/worker-2-31/1" },
    },
    { at: "dead", payload: script.payload(failing), entry: { worker: "nobody" } },
  ]);
  expect(
    records.map(({ kind, fields }) => [kind, fields?.micros, fields?.code]).filter(([kind]) => kind !== "place"),
  ).toEqual([
    ["deadEnqueued", 1000, undefined],
    ["deadFailed", 7, 31],
    ["deadFailed", 0, 0xffff],
  ]);
});

test("attempts are held against the last error of the entry, whatever the policy is", async () => {
  expect(await right(failing, { ...whole, attempts: 2, lastError: plannedError(failing, 2) })).toEqual(all);
  expect(await right(failing, { ...whole, attempts: 2 })).toEqual(but("attempts"));
  expect(await right(failing, { ...whole, attempts: 0 })).toEqual(but("attempts"));
});

test("errors must be this job's, and the first one that of its first attempt", async () => {
  expect(await right(failing, { ...whole, firstError: plannedError(failing, 2) })).toEqual(but("firstError"));
  expect(await right(failing, { ...whole, firstError: plannedError(failing + 1, 1) })).toEqual(but("firstError"));
  expect(await right(failing, { ...whole, lastError: plannedError(failing + 1, 3) })).toEqual(but("lastError"));
  expect(await right(failing, { ...whole, lastError: "out of memory" })).toEqual(but("lastError"));
});

test("a job that ended its worker each time may have any error, but must have one", async () => {
  const gone = "gone without a word";
  expect(await right(killer, { ...whole, firstError: gone, lastError: gone })).toEqual(all);
  expect(await right(killer, { ...whole, firstError: "", lastError: gone })).toEqual(but("firstError"));
});

test("what the store counts is held against the pages", async () => {
  const waiting: Place = { at: "waiting", payload: script.payload(1) };
  expect((await scanned([waiting, { cardinality: "waiting", count: 1 }])).found).toMatchObject({ agrees: true });
  expect((await scanned([waiting, { cardinality: "waiting", count: 2 }])).found).toMatchObject({
    agrees: false,
    why: "waiting: read 1, the store counts 2",
  });
});

test("what is left of nothing is nothing; what is no number of things ends the scan", async () => {
  const left = (count: number): Place => ({ leftover: "locks", count });
  expect((await scanned([left(0), left(2)])).found.leftovers).toEqual([{ what: "locks", count: 2 }]);
  for (const count of [-1, Number.NaN, 0.5, Number.POSITIVE_INFINITY])
    await expect(scanned([left(count)])).rejects.toThrow(`${count} × locks are left, which is no number of things`);
});
