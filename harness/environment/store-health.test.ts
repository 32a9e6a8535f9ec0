import { expect, test } from "vitest";
import { ailmentOf, infoOf, type Info } from "./store-health.ts";

const well = `# Server\r
run_id:abc\r
# Memory\r
used_memory:1000\r
maxmemory:0\r
maxmemory_policy:noeviction\r
# Persistence\r
loading:0\r
aof_last_write_status:ok\r
rdb_last_bgsave_status:ok\r
# Stats\r
evicted_keys:0\r
# Errorstats\r
errorstat_ERR:count=3\r
`;

/** The same, with some lines changed, and others added. */
const info = (changes: Readonly<Record<string, string>> = {}): Info =>
  new Map([...infoOf(well), ...Object.entries(changes)]);

test("a store that is well has no ailment, whatever errors of others it has answered", () => {
  expect(infoOf(well).size).toBe(9);
  expect(ailmentOf(info(), info({ errorstat_ERR: "count=99", errorstat_UNBLOCKED: "count=7" }))).toBeUndefined();
});

test("an error is no reply to the question, and a sign of life", () => {
  expect(infoOf("-BUSY Redis is busy running a script: wait").size).toBe(0);
  expect(infoOf("-ERR max number of clients reached").size).toBe(0);
});

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
  ["another life", { run_id: "def" }, /was started again/],
  ["a start", { loading: "1" }, /is loading its data/],
  ["a full disk under the log", { aof_last_write_status: "err" }, /cannot write its append-only file/],
  ["a full disk under the snapshot", { rdb_last_bgsave_status: "err" }, /could not save its data/],
  ["memory used up", { maxmemory: "1000", used_memory: "1000" }, /has used up its memory: 1000 of 1000 bytes/],
  ["keys thrown away", { evicted_keys: "4", maxmemory_policy: "allkeys-lru" }, /threw away 4 keys .*allkeys-lru/],
  ["refusals that came and went", { errorstat_MISCONF: "count=12" }, /refused 12 commands with MISCONF/],
  ["no memory for a moment", { errorstat_OOM: "count=1" }, /refused 1 commands with OOM/],
  ["a cluster that was down", { errorstat_CLUSTERDOWN: "count=5" }, /with CLUSTERDOWN: its cluster was down/],
])("%s", (_what, changes, expected) => {
  expect(ailmentOf(info(), info(changes))?.what).toMatch(expected);
});

test("what was so before the run is its own affair, as far as it hinders nobody", () => {
  const before = { rdb_last_bgsave_status: "err", evicted_keys: "4", errorstat_OOM: "count=9" };
  expect(ailmentOf(info(before), info(before))).toBeUndefined();
  const full = { maxmemory: "1000", used_memory: "2000", maxmemory_policy: "allkeys-lru" };
  expect(ailmentOf(info(full), info(full))).toBeUndefined();
  expect(ailmentOf(info({ aof_last_write_status: "err" }), info({ aof_last_write_status: "err" }))).toBeDefined();
});
