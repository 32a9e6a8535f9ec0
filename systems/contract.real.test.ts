/** What every system must do, on a store of its kind: the same few acts for each, in its own namespace. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { textsOf } from "../fleet/load/texts.ts";
import { monotonic } from "../std/clock.ts";
import { eventually, within } from "../std/deadline.ts";
import { mix } from "../std/random.ts";
import { sibling } from "../std/sibling.ts";
import {
  clusterWay,
  connectTest,
  jobs,
  placesOf,
  quickestProfile,
  settingsOf,
  working,
  type Working,
} from "./testing/connect.ts";
import { startCluster } from "../engine/testing/cluster.ts";
import { startRedis } from "../engine/testing/redis.ts";
import type { Place, System, Way } from "./contract.ts";
import { systems } from "./index.ts";

/** A busy machine is ten times slower. */
const deadlineMs = 60_000;

const scope = new AsyncDisposableStack();
let stores: Readonly<Record<System["store"], Way>>;
beforeAll(async () => {
  const { host, port } = scope.use(await startRedis());
  stores = { single: { host, port }, cluster: clusterWay(scope.use(await startCluster())) };
});
afterAll(() => scope.disposeAsync());

const held = (places: readonly Place[]): readonly Place[] => places.filter((place) => "at" in place);
const wrong = (places: readonly Place[]): readonly Place[] =>
  places.filter(
    (place) =>
      "leftover" in place ||
      ("cardinality" in place &&
        place.count !== places.filter((one) => "at" in one && one.at === place.cardinality).length),
  );

const told = (place: Place): string => ("at" in place ? `${place.payload} ${place.at}` : "");
const ended = ({ delivery, settlement }: Working["settlements"][number]): string =>
  `${delivery.payload} ${delivery.attempt} ${settlement.settlement === "accepted" ? settlement.as : settlement.settlement}`;
const failure = (payload: string, attempt: number): string => `planned failure of ${payload}, attempt ${attempt}`;

const manyTexts = {
  jobs: 60,
  payloadBytes: 300,
  texts: { scripts: 0.6, long: { share: 0.1, upToBytes: 300_000 }, short: 0.1, empty: true },
};

for (const [name, entry] of Object.entries(systems)) {
  const load = async (): Promise<System> => (await entry()).default;

  test(`${name}: what is enqueued is scanned as waiting, handed over byte for byte, settled once, and gone`, async () => {
    const system = await load();
    await using connection = await connectTest(system, stores[system.store], {
      namespace: `${name}-once`,
      name: "first",
    });
    const sent = jobs(100);
    const receipts = await connection.enqueue(sent);
    expect(receipts.map(({ outcome }) => outcome)).toEqual(sent.map(() => "ok"));
    expect(new Set(receipts.map((receipt) => receipt.outcome === "ok" && receipt.id)).size).toBe(sent.length);
    const waiting = await placesOf(connection);
    expect(held(waiting).map(told).toSorted()).toEqual(sent.map(({ payload }) => `${payload} waiting`).toSorted());
    expect(wrong(waiting)).toEqual([]);

    const { deliveries, settlements, stop } = working(connection);
    await eventually(
      () => deliveries.length >= sent.length && (!system.tellsSettlements || settlements.length >= sent.length),
      { deadlineMs, awaited: "all jobs to be settled" },
    );
    await stop();
    expect(deliveries.map(({ payload, attempt }) => `${payload} ${attempt}`).toSorted()).toEqual(
      sent.map(({ payload }) => `${payload} 1`).toSorted(),
    );
    const ends = system.tellsSettlements ? sent.map(({ payload }) => `${payload} 1 done`) : [];
    expect(settlements.map(ended).toSorted()).toEqual(ends.toSorted());
    const after = await placesOf(connection);
    expect([...held(after), ...wrong(after)]).toEqual([]);
  });

  test(`${name}: texts of any length and script are scanned, handed over, tried again and buried byte for byte`, async () => {
    const system = await load();
    await using connection = await connectTest(system, stores[system.store], {
      namespace: `${name}-texts`,
      name: "texts",
    });
    const { payload } = textsOf(
      manyTexts,
      1,
      (n, purpose) => mix(Math.imul(n + 1, 0x9e3779b1 ^ purpose.charCodeAt(0))) / 2 ** 32,
    );
    const sent = Array.from({ length: manyTexts.jobs }, (_, n) => payload(n));
    const receipts = await connection.enqueue(sent.map((text) => ({ payload: text })));
    expect(receipts.map(({ outcome }) => outcome)).toEqual(sent.map(() => "ok"));
    const texts = (places: readonly Place[]) => held(places).flatMap((place) => ("at" in place ? [place.payload] : []));
    const waiting = await placesOf(connection);
    expect(texts(waiting).toSorted()).toEqual(sent.toSorted());
    const { deliveries, stop } = working(connection, () => {
      throw new Error("planned");
    });
    const dead = await eventually(
      async () => {
        const places = held(await placesOf(connection));
        return places.length === sent.length && places.every((place) => "entry" in place) && places;
      },
      { deadlineMs, everyMs: 200, awaited: "all jobs to be dead" },
    );
    await stop();
    expect(texts(dead).toSorted()).toEqual(sent.toSorted());
    for (const attempt of [1, 2, 3])
      expect(
        deliveries.flatMap((one) => (one.attempt === attempt ? [one.payload] : [])).toSorted(),
        `attempt ${attempt}`,
      ).toEqual(sent.toSorted());
  });

  test(`${name}: a job that fails is tried again, one that always fails ends in the dead-letter place`, async () => {
    const system = await load();
    await using connection = await connectTest(system, stores[system.store], {
      namespace: `${name}-failing`,
      name: "second",
    });
    await connection.enqueue([{ payload: "once" }, { payload: "always" }]);
    const { deliveries, settlements, stop } = working(connection, ({ payload, attempt }) => {
      if (payload === "always" || attempt === 1) throw new Error(failure(payload, attempt));
    });
    const dead = await eventually(
      async () => {
        const places = held(await placesOf(connection));
        return places.length === 1 && places[0] !== undefined && "entry" in places[0] && places[0];
      },
      { deadlineMs, everyMs: 100, awaited: "one job to be done and one to be dead" },
    );
    const ends = system.tellsSettlements ? 2 : 0;
    await eventually(() => settlements.length >= ends, { deadlineMs, awaited: "both settlements" });
    await stop();
    const attempts = (job: string): readonly number[] =>
      deliveries.filter(({ payload }) => payload === job).map(({ attempt }) => attempt);
    expect(attempts("once")).toEqual([1, 2]);
    expect(attempts("always")).toEqual([1, 2, 3]);
    expect(dead.payload).toBe("always");
    // What an entry holds beside the payload is the system's choice; what it holds must be right.
    const { attempts: made = 3, firstError = failure("always", 1), lastError = failure("always", 3) } = dead.entry;
    expect(made).toBe(3);
    expect(firstError).toContain(failure("always", 1));
    expect(lastError).toContain(failure("always", 3));
    expect(wrong(await placesOf(connection))).toEqual([]);
    expect(settlements.map(ended).toSorted()).toEqual(system.tellsSettlements ? ["always 3 dead", "once 2 done"] : []);
  });

  test(`${name}: a delayed job is scanned as such, starts after its delay, and is counted until it is done`, async () => {
    const system = await load();
    await using connection = await connectTest(system, stores[system.store], {
      namespace: `${name}-delayed`,
      name: "first",
    });
    const counted = async (depth: number): Promise<void> => {
      if (connection.depth !== undefined) expect(await connection.depth()).toBe(depth);
    };
    await counted(0);
    const sentAt = monotonic.nowNs();
    const receipts = await connection.enqueue([
      { payload: "later", delayMs: 1500 },
      { payload: "now" },
      { payload: "much later", delayMs: 3_600_000 },
    ]);
    expect(receipts.map(({ outcome }) => outcome)).toEqual(["ok", "ok", "ok"]);
    const places = await placesOf(connection);
    expect(held(places).map(told).toSorted()).toEqual(["later delayed", "much later delayed", "now waiting"]);
    expect(wrong(places)).toEqual([]);
    await counted(3);
    let startedAt = 0;
    const { deliveries, stop } = working(connection, ({ payload }) => {
      if (payload === "later") startedAt = monotonic.nowNs();
    });
    await eventually(() => deliveries.length === 2, { deadlineMs, awaited: "both to start" });
    await stop();
    expect(deliveries.map(({ payload, attempt }) => `${payload} ${attempt}`)).toEqual(["now 1", "later 1"]);
    expect((startedAt - sentAt) / 1e6).toBeGreaterThanOrEqual(1499);
    expect(held(await placesOf(connection)).map(told)).toEqual(["much later delayed"]);
    await counted(1);
  });

  test(`${name}: jobs of all priorities are scanned, counted, started, tried again, and end where they should`, async (context) => {
    const system = await load();
    if (!system.priorities) context.skip("it takes none");
    const priorities = { high: 8, normal: 3, low: 1 };
    const namespace = `${name}-priorities`;
    await using connection = await connectTest(system, stores[system.store], { namespace, name: "first", priorities });
    const sent = Object.keys(priorities).flatMap((priority) => [
      { payload: priority, priority },
      { payload: `${priority}, later`, priority, delayMs: 200 },
      { payload: `${priority}, once`, priority },
      { payload: `${priority}, always`, priority },
    ]);
    const receipts = await connection.enqueue(sent);
    expect(receipts.map(({ outcome }) => outcome)).toEqual(sent.map(() => "ok"));
    const waiting = await placesOf(connection);
    const place = (payload: string): string => `${payload} ${payload.endsWith("later") ? "delayed" : "waiting"}`;
    expect(held(waiting).map(told).toSorted()).toEqual(sent.map(({ payload }) => place(payload)).toSorted());
    expect(wrong(waiting)).toEqual([]);
    if (connection.depth !== undefined) expect(await connection.depth()).toBe(sent.length);
    const { deliveries, stop } = working(connection, ({ payload, attempt }) => {
      if (payload.endsWith("always") || (payload.endsWith("once") && attempt === 1)) throw new Error("planned");
    });
    // One, one, two and three runs.
    await eventually(() => deliveries.length >= 7 * 3, { deadlineMs, awaited: "all attempts of all jobs" });
    await stop();
    const after = await placesOf(connection);
    expect(held(after).map(told).toSorted()).toEqual(["high, always dead", "low, always dead", "normal, always dead"]);
    expect(wrong(after)).toEqual([]);
    expect(deliveries).toHaveLength(7 * 3);
  });

  test(`${name}: the jobs of a killed worker are run again within its own bound`, async () => {
    const system = await load();
    const profile = quickestProfile(system);
    const namespace = `${name}-killed`;
    await using connection = await connectTest(system, stores[system.store], { namespace, name: "third", profile });
    await connection.enqueue(jobs(5));
    const doomed = spawn(
      process.execPath,
      [
        sibling(import.meta.url, "./testing/hanging-process"),
        name,
        profile,
        JSON.stringify(stores[system.store]),
        namespace,
        "doomed",
      ],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    let started = "";
    doomed.stdout.setEncoding("utf8").on("data", (text: string) => (started += text));
    try {
      await eventually(() => started.split("\n").length > 5, {
        deadlineMs,
        awaited: "the doomed worker to start all jobs",
      });
    } finally {
      const gone = once(doomed, "exit");
      doomed.kill("SIGKILL");
      await within(gone, deadlineMs, "the doomed worker to be gone");
    }
    const { deliveries, stop } = working(connection);
    const { recoveryMs } = system.bounds(settingsOf(system, profile));
    await eventually(() => deliveries.length >= 5, {
      deadlineMs: recoveryMs + 10_000,
      everyMs: 50,
      awaited: "the killed worker's jobs to start again",
    });
    await stop();
    const after = await placesOf(connection);
    expect([...held(after), ...wrong(after)]).toEqual([]);
  });
}
