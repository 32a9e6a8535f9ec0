/** Runs that share a Redis with each other, and with strangers: each keeps to itself, and leaves nothing behind. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { markKeys } from "../harness/environment/keys.ts";
import { sweepAll } from "../harness/sweep.ts";
import { openJournal } from "../history/journal-file.ts";
import { resultSchema } from "../reports/result-schema.ts";
import { monotonic } from "../std/clock.ts";
import { deadHarness } from "../harness/testing/dead-harness.ts";
import { redis, store } from "../engine/testing/own-redis.ts";
import { root } from "../rules/tree.ts";
import { readResult, temporaryRuns, whitewater } from "../cli/testing/whitewater.ts";

const timeout = 300_000;

/** Some jobs end as dead letters, which stay. */
const configuration = `
import { builtin } from ${JSON.stringify(join(root, "index.ts"))};
const { default: stream } = await builtin.systems.stream();
const work = { durationMs: [0, 5], failing: 0, alwaysFailing: 0.1, killing: 0, delayed: { share: 0, upToMs: 0 } };
const load = { curve: "steady", jobs: 200, seconds: 2, producers: 1, workers: 1, concurrency: 10, payloadBytes: 60, work, retries: { attempts: 2, backoffMs: 50 } };
export default builtin.extend({
  systems: {
    careless: async () => ({ default: { ...stream, connect: (context, config) => stream.connect({ ...context, namespace: "mine" }, config) } }),
  },
  scenarios: { shared: { about: "A few jobs.", store: "memory", load, trouble: [], exercises: [] } },
});
`;

async function run(runs: string, name: string, ...more: readonly string[]) {
  const file = join(runs, "shared.ts");
  writeFileSync(file, configuration);
  const [own, address] = [join(runs, name), `${redis.host}:${redis.port}`];
  const words = [
    "run",
    "shared",
    "--seed",
    "same",
    "--config",
    file,
    "--runs",
    own,
    "--redis",
    address,
    "--retry-unknown",
    "3",
  ].concat(more);
  const { code, output } = await whitewater(words, runs).ended;
  return { code, output: stripVTControlCharacters(output), latest: join(own, "latest") };
}

test("two at once, and the same seed again, pass on one Redis and take away what is theirs", { timeout }, async () => {
  using runs = temporaryRuns();
  await store.set("whitewater-same", "somebody else's");
  await store.set("job", "somebody else's");
  const both = await Promise.all([run(runs.path, "one"), run(runs.path, "two")]);
  const third = await run(runs.path, "three");
  for (const { code, output } of [...both, third]) expect(code, output).toBe(0);
  expect((await store.keys("*")).toSorted()).toEqual(["job", "whitewater-same"]);
  const { run: told, jobs } = resultSchema.parse(readResult(third.latest));
  expect(jobs.dead).toBeGreaterThan(0);
  expect(told.repeat).toContain(` --redis ${redis.host}:${redis.port} --config `);
  await store.flushall();
});

test("an adapter that does not keep to its namespace is told so, before the load", { timeout }, async () => {
  using runs = temporaryRuns();
  const first = await run(runs.path, "one", "--system", "careless");
  expect(first.code, first.output).toBe(0);
  const again = await run(runs.path, "two", "--system", "careless");
  expect(again.output).toMatch(
    /^whitewater: system "careless" shows something before anything was enqueued \(jobs that are dead, \d+ jobs that are dead\)/m,
  );
  expect(again.output).toContain("its adapter has to keep to `namespace` of its context");
  expect(again.code).toBe(3);
  await store.flushall();
});

test("the keys of a run that was cut off are removed by the next one", { timeout }, async () => {
  using runs = temporaryRuns();
  const path = join(runs.path, "2026-01-01-cut-off");
  mkdirSync(path);
  const journal = openJournal(join(path, "journal.jsonl"), monotonic);
  const harness = deadHarness();
  journal.write(harness);
  const { host, port } = redis;
  journal.write({ type: "namespace", name: "whitewater-a-1f", store: { host, port } });
  journal.write({ type: "namespace", name: "whitewater-a-2f", store: { host, port } });
  await markKeys({ host, port }, "whitewater-a-1f", harness.mark);
  for (let n = 0; n < 2500; n++) await store.set(`whitewater-a-1f:${n}`, "left");
  // A journal that tells of them does not make them the run's.
  await store.set("whitewater-a-2f:1", "somebody else's");
  expect(await sweepAll(runs.path)).toMatchObject([{ keys: 2500, left: [] }]);
  expect(await store.keys("*")).toEqual(["whitewater-a-2f:1"]);
  await store.flushall();
});
