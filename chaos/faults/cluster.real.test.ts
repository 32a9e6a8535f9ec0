/**
 * Faults on a store of three masters: all of it goes and comes back, and every link to every node is hit and whole
 * again.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { readHandles } from "../../harness/environment/handles.ts";
import type { Environment } from "../../harness/environment/provide.ts";
import { wayTo } from "../../harness/links.ts";
import { isAlive } from "../../std/process-identity.ts";
import { seeded } from "../../std/random.ts";
import { plain } from "../../std/json.ts";
import { nobody, scratchRun, type ScratchRun } from "../../harness/environment/testing/scratch-run.ts";
import type { Fault, StoreLever } from "../contract.ts";
import { faults } from "../index.ts";
import { clusterLever } from "../levers/cluster.ts";
import { askOnce } from "../levers/probe.ts";
import { storeLever } from "../levers/store.ts";
import { withKey } from "../links.ts";

const never = new AbortController().signal;

let run: ScratchRun;
let environment: Environment;
beforeAll(async () => {
  run = await scratchRun();
  environment = await run.provide({ cluster: true, needsProxy: true, store: "aof-always" });
  for (const role of ["commands", "blocking"])
    await wayTo(
      environment.redis,
      async (node, name) => (await environment.createLink("link:worker:0", `${role}${name}`, node)).listen,
    );
});
afterAll(() => run[Symbol.asyncDispose]());

const nodesOf = ({ redis }: Environment) => redis.nodes ?? expect.fail("no cluster");
const living = (of: ScratchRun): number =>
  of.lines().filter((line) => line.type === "helper" && line.name === "redis-server" && isAlive(line.identity)).length;

const planFor = (how: "shutdown" | "crash") =>
  faults["broker-stop"].plan({ lastsMs: [300, 300], how }, { workers: 1, producers: 1 }, seeded(how));

test.each(["shutdown", "crash"] as const)(
  "all masters are gone after a %s, and are back with their data",
  async (how) => {
    const { store } = environment.levers(nobody);
    const kept = await Promise.all(nodesOf(environment).map((node) => withKey(node, (key) => Promise.resolve(key))));
    for (const [n, node] of nodesOf(environment).entries()) await askOnce(node, `SET ${kept[n]} ${n}`);
    const bit = await (await faults["broker-stop"].arm(planFor(how), { store }, never))(never);
    expect(bit).toMatchObject({ proven: true, facts: { how, connect: "ECONNREFUSED" } });
    expect(living(run)).toBe(0);
    expect(await faults["broker-stop"].heal(planFor(how), { store }, never)).toMatchObject({ proven: true });
    expect(living(run)).toBe(3);
    for (const [n, node] of nodesOf(environment).entries()) {
      expect(await askOnce(node, `GET ${kept[n]}`)).toBe(String(n));
      await askOnce(node, `DEL ${kept[n]}`);
    }
  },
);

test("a stop that spared one master is not proven, and one that is away is noticed", async () => {
  const { store } = environment.levers(nobody);
  const { store: handles } = readHandles(plain(environment.handles));
  if (handles === undefined || !("nodes" in handles)) expect.fail("no handles of a cluster");
  const [first, second] = handles.nodes.map((node) => storeLever(node, () => {}));
  const sparing: StoreLever = {
    ...store,
    stop: async (how) => void (await Promise.all([first?.stop(how), second?.stop(how)])),
  };
  const bite = await faults["broker-stop"].arm(planFor("crash"), { store: sparing }, never);
  expect(await bite(AbortSignal.timeout(1000))).toMatchObject({ proven: false });
  expect(await store.answers(1000)).toBe(false);
  expect(await faults["broker-stop"].heal(planFor("crash"), { store }, never)).toMatchObject({ proven: true });
  expect(await store.answers(10_000)).toBe(true);
});

test("another process starts all of them again from the handles alone", async () => {
  await using alone = await scratchRun();
  const own = await alone.provide({ cluster: true });
  const { store } = own.levers(nobody);
  expect(await (await faults["broker-stop"].arm(planFor("crash"), { store }, never))(never)).toMatchObject({
    proven: true,
  });
  const { store: handles } = readHandles(plain(own.handles));
  if (handles === undefined || !("nodes" in handles)) expect.fail("no handles of a cluster");
  const [first, ...others] = handles.nodes.map((node) =>
    storeLever(node, (identity) => alone.journal.write({ type: "helper", identity, name: "redis-server" })),
  );
  const rebuilt = clusterLever([first ?? expect.fail("no node"), ...others]);
  await using scope = new AsyncDisposableStack();
  scope.defer(() => rebuilt.close());
  for (let time = 0; time < 2; time++) {
    expect(await faults["broker-stop"].heal(planFor("crash"), { store: rebuilt }, never)).toMatchObject({
      proven: true,
    });
  }
  expect(living(alone)).toBe(3);
});

const onLinks = Object.entries(faults as Readonly<Record<string, Fault>>).filter(([, { needs }]) =>
  needs.includes("proxy"),
);

test.each(onLinks)("%s bites on each link to each master, and is over after the heal", async (name, fault) => {
  const levers = environment.levers(nobody);
  const plan = fault.plan(fault.options.parse({ lastsMs: [700, 700] }), { workers: 1, producers: 1 }, seeded(name));
  const bit = await (await fault.arm(plan, levers, never))(never);
  expect(bit).toMatchObject({ proven: true });
  const shown = bit.proven ? Object.keys(bit.facts["links"] ?? {}) : [];
  expect(shown.toSorted()).toEqual(
    ["blocking", "commands"].flatMap((role) => [0, 1, 2].map((n) => `worker-0-${role}-${n}`)),
  );
  expect(await fault.heal(plan, levers, never)).toMatchObject({ proven: true, facts: { increments: 5 } });
  expect(await Promise.all(nodesOf(environment).map((node) => askOnce(node, "DBSIZE")))).toEqual([":0", ":0", ":0"]);
});
