/** What every system must do that takes callers' keys, on a store of its kind. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../std/deadline.ts";
import { startCluster } from "../engine/testing/cluster.ts";
import { startRedis } from "../engine/testing/redis.ts";
import type { Receipt, System, Way } from "./contract.ts";
import { systems } from "./index.ts";
import { clusterWay, connectTest, placesOf, settingsOf, working } from "./testing/connect.ts";

/** A busy machine is ten times slower. */
const deadlineMs = 60_000;

const scope = new AsyncDisposableStack();
let stores: Readonly<Record<System["store"], Way>>;
beforeAll(async () => {
  const { host, port } = scope.use(await startRedis());
  stores = { single: { host, port }, cluster: clusterWay(scope.use(await startCluster()).masters) };
});
afterAll(() => scope.disposeAsync());

const idsOf = (receipts: readonly Receipt[] = []): readonly string[] =>
  receipts.map((one) => (one.outcome === "ok" ? one.id : one.why));
const called = (key: string, who: string) => ({ payload: `${key} by ${who}`, key });
const keyIn = (payload: string): string => payload.replace(/ .*/, "");

for (const [name, entry] of Object.entries(systems))
  test(`${name}: of the jobs under one key one is written, by two at once, and when it is done or dead`, async (context) => {
    const system: System = (await entry()).default;
    if (system.bounds(settingsOf(system, "")).deduplicationMs === undefined) context.skip("it takes no keys");
    const own = { namespace: `${name}-keys`, name: "first" };
    await using connection = await connectTest(system, stores[system.store], own);
    await using other = await connectTest(system, stores[system.store], { ...own, name: "second" });
    const keys = ["done", "dead"];
    const [one, two] = await Promise.all([
      connection.enqueue(keys.map((key) => called(key, "one"))),
      other.enqueue(keys.map((key) => called(key, "two"))),
    ]);
    expect(idsOf(two)).toEqual(idsOf(one));
    const { deliveries, stop } = working(connection, ({ payload }) => {
      if (payload.startsWith("dead")) throw new Error("planned");
    });
    await eventually(
      async () => {
        const left = (await placesOf(connection)).filter((place) => "at" in place);
        return deliveries.length >= 4 && left.length === 1 && left.every((place) => "entry" in place);
      },
      { deadlineMs, everyMs: 100, awaited: "one to be dead, and the other to be done" },
    );
    const late = await other.enqueue(keys.map((key) => called(key, "late")));
    expect(late).toEqual(idsOf(one).map((id) => ({ outcome: "ok", id, duplicate: true })));
    expect(await other.enqueue([called("free", "late")])).toMatchObject([{ outcome: "ok" }]);
    await eventually(() => deliveries.some(({ payload }) => keyIn(payload) === "free"), {
      deadlineMs,
      awaited: "the job under the free key",
    });
    await stop();
    const count = (key: string): number => deliveries.filter(({ payload }) => keyIn(payload) === key).length;
    expect([count("done"), count("dead"), count("free")]).toEqual([1, 3, 1]);
  });
