/**
 * What each does whose priorities are broken, beside the engine, on a real store: the less urgent came first, and both
 * wait.
 */
import { expect, test } from "vitest";
import { monotonic, pause } from "../../std/clock.ts";
import { eventually } from "../../std/deadline.ts";
import { connectTest, working } from "../testing/connect.ts";
import { redis } from "../../engine/testing/own-redis.ts";
import stream from "../stream.ts";
import prioritiesIgnored from "./priorities-ignored.ts";
import strictPriorities from "./strict-priorities.ts";

/** A busy machine is ten times slower. */
const deadlineMs = 60_000;

test.each([
  { name: "strict-priorities", system: strictPriorities, least: 0, most: 0 },
  { name: "priorities-ignored", system: prioritiesIgnored, least: 24, most: 24 },
  // A quarter is its due; who joins first may read a few more.
  { name: "the engine", system: stream, least: 3, most: 12 },
])(
  "$name: of the first 24 starts, $least to $most are of the lower priority",
  async ({ name, system, least, most }) => {
    const namespace = name.replace(" ", "-");
    await using connection = await connectTest(system, redis, {
      namespace,
      name: "w",
      priorities: { high: 3, low: 1 },
    });
    for (const priority of ["low", "high"])
      await connection.enqueue(Array.from({ length: 40 }, (_, n) => ({ payload: `${priority} ${n}`, priority })));
    const { deliveries, stop } = working(connection, () => pause(monotonic, 5), 1);
    await eventually(() => deliveries.length >= 80, { deadlineMs, awaited: "all jobs to be started" });
    await stop();
    const low = deliveries.slice(0, 24).filter(({ payload }) => payload.startsWith("low")).length;
    expect(low).toBeGreaterThanOrEqual(least);
    expect(low).toBeLessThanOrEqual(most);
  },
);
