/** Who is there before the first job, and who comes later. */
import { expect, test } from "vitest";
import { faults } from "../chaos/index.ts";
import { checks } from "../checks/index.ts";
import { measures } from "../measures/index.ts";
import { lateWorkers } from "../scenarios/late-workers.ts";
import type { Scenario } from "../scenarios/contract.ts";
import stream from "../systems/stream.ts";
import type { Paths } from "./links.ts";
import { defaults, planRun } from "./plan.ts";
import { postsOf, takePosts, takePostsLater } from "./posts.ts";

const way = { host: "127.0.0.1", port: 1 };
const links = { commands: way, blocking: way };
const paths: Paths = { direct: links, described: {}, of: () => links };
const place = { configuration: "", directory: "", namespace: "n", paths };

const planned = (change: Partial<Scenario["load"]>, trouble: Scenario["trouble"] = []) =>
  planRun(
    { scenario: "late", system: "stream", profile: defaults, seed: "1", seconds: 30 },
    {
      faults,
      checks,
      measures,
      systems: { stream: async () => ({ default: stream }) },
      scenarios: { late: { ...lateWorkers, load: { ...lateWorkers.load, ...change }, trouble } },
    },
  );

test("workers that come later do so at their part of the load, however long that is", async () => {
  const { first, later, atMs } = postsOf(await planned({ workersFrom: 0.4 }), place);
  expect([first.map(({ role }) => role), later.map(({ role, slot }) => `${role} ${slot}`), atMs]).toEqual([
    ["producer", "producer"],
    ["worker 0", "worker 1"],
    12_000,
  ]);
  const { first: all, later: nobody } = postsOf(await planned({ workersFrom: 0 }), place);
  expect([all.length, nobody.length]).toEqual([4, 0]);
});

test("nobody comes any more once the run is to end", async () => {
  const posts = postsOf(await planned({ workersFrom: 0.4 }), place);
  const crew = { start: () => expect.fail("somebody was started") };
  const time = { clock: { nowNs: () => 0, until: async () => {} }, originNs: 0 };
  await takePostsLater(crew, posts, time, AbortSignal.abort());
});

test("of many that are to come nobody comes any more after a signal", async () => {
  const { first } = postsOf(await planned({ workers: 1000, workersFrom: 0 }), place);
  const stop = new AbortController();
  let started = 0;
  const start = async (): Promise<void> => {
    if (++started === 5) setImmediate(() => stop.abort());
  };
  await takePosts({ start }, first, stop.signal);
  expect(started).toBeLessThan(10);
});

test("faults before there is any worker are refused, as are workers that come after the load", async () => {
  const trouble: Scenario["trouble"] = [{ fault: "worker-kill", options: {}, times: 1, between: [0.3, 0.9] }];
  await expect(planned({ workersFrom: 0.4 }, trouble)).rejects.toThrow(/trouble begins when the workers are there/);
  await expect(planned({ workersFrom: 1 })).rejects.toThrow(/workers come before the load is over/);
});

test("texts are bounded", async () => {
  const long = (upToBytes: number) => planned({ texts: { long: { share: 0.1, upToBytes } } });
  await expect(long(65_536)).rejects.toThrow(/a long text has more than 65536 bytes/);
  await expect(long(2_000_000)).rejects.toThrow(/a text has 1048576 bytes at most/);
  await expect(planned({ texts: { short: 0.8, long: { share: 0.3, upToBytes: 100_000 } } })).rejects.toThrow(
    /shares of the same jobs/,
  );
  expect((await planned({ texts: { empty: true } })).load.texts).toEqual({ empty: true });
});
