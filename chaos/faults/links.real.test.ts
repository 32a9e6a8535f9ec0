/** Cut and black hole on a real Toxiproxy: shown to bite and to be over, and not shown where another link was hit. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../../harness/environment/provide.ts";
import { readHandles } from "../../harness/environment/handles.ts";
import { seeded } from "../../std/random.ts";
import { scratchRun, type ScratchRun } from "../../test/environment.ts";
import type { Link, ProxyLever } from "../contract.ts";
import { faults } from "../index.ts";
import { askOnce, refusal } from "../levers/probe.ts";
import { proxyLever } from "../levers/proxy.ts";

const never = new AbortController().signal;
/** What would have been proven by now is not there. */
const soon = (): AbortSignal => AbortSignal.timeout(2500);
const nobody = { holder: () => undefined, replacement: () => Promise.reject(new Error("there is no fleet")) };

let run: ScratchRun;
let environment: Environment;
let links: readonly Link[];
let proxy: ProxyLever;

beforeAll(async () => {
  run = await scratchRun();
  environment = await run.provide({ needsProxy: true });
  links = [
    await environment.createLink("link:worker:0", "commands"),
    await environment.createLink("link:worker:0", "blocking"),
  ];
  await environment.createLink("link:worker:1", "commands");
  ({ proxy } = environment.levers(nobody));
});
afterAll(() => run[Symbol.asyncDispose]());

/** What the tests leave in the store. */
const keys = (): Promise<string> => askOnce(environment.redis.address, "DBSIZE");

describe.each([
  ["worker-cut", faults["worker-cut"]],
  ["worker-black-hole", faults["worker-black-hole"]],
])("%s", (name, fault) => {
  const plan = fault.plan({ lastsMs: [700, 700] }, { workers: 1, producers: 1 }, seeded(name));

  test("bites on both links, spares the others, and is over after the heal, time after time", async () => {
    for (let time = 0; time < 3; time++) {
      const bite = await fault.arm(plan, { proxy }, never);
      const bit = await bite(never);
      expect(bit).toMatchObject({ proven: true });
      expect(Object.keys(bit.proven ? Object(bit.facts["links"]) : {})).toEqual(links.map((link) => link.name));
      const [other] = proxy.links("link:worker:1");
      expect(other && (await askOnce(other.listen, "PING"))).toBe("+PONG");
      expect(await fault.heal(plan, { proxy }, never)).toMatchObject({ proven: true, facts: { increments: 5 } });
      for (const link of links) expect(await askOnce(link.listen, "PING")).toBe("+PONG");
    }
    expect(await keys()).toBe(":0");
  });

  test("is not proven where it hit another link", async () => {
    const elsewhere = (): Link => proxy.links("link:worker:1")[0] ?? expect.fail("no other link");
    const amiss: ProxyLever = {
      ...proxy,
      cut: () => proxy.cut(elsewhere()),
      blackHole: () => proxy.blackHole(elsewhere()).catch(() => {}), // the second time it is there already
    };
    const bite = await fault.arm(plan, { proxy: amiss }, never);
    expect(await bite(soon())).toMatchObject({ proven: false });
    await proxy.restore(elsewhere());
    expect(await keys()).toBe(":0");
  });

  test("is not proven when one of the links was spared", async () => {
    const [, spared] = links;
    const half: ProxyLever = {
      ...proxy,
      cut: async (link) => (link === spared ? undefined : await proxy.cut(link)),
      blackHole: async (link) => (link === spared ? undefined : await proxy.blackHole(link)),
    };
    const bite = await fault.arm(plan, { proxy: half }, never);
    const bit = await bite(soon());
    expect(bit).toMatchObject({ proven: false });
    expect(bit.proven ? "" : bit.why).toContain(spared?.name);
    expect(await fault.heal(plan, { proxy }, never)).toMatchObject({ proven: true });
  });

  test("a heal that does nothing is not taken for one", { timeout: 200_000 }, async () => {
    const bite = await fault.arm(plan, { proxy }, never);
    expect(await bite(never)).toMatchObject({ proven: true });
    const idle: ProxyLever = { ...proxy, restore: () => Promise.resolve() };
    expect(await fault.heal(plan, { proxy: idle }, soon())).toMatchObject({ proven: false });
    expect(await fault.heal(plan, { proxy }, never)).toMatchObject({ proven: true });
  });

  test("can be healed by another process that has only the handles", async () => {
    const bite = await fault.arm(plan, { proxy }, never);
    expect(await bite(never)).toMatchObject({ proven: true });
    const { proxy: handles } = readHandles(JSON.parse(JSON.stringify(environment.handles)));
    const rebuilt = proxyLever(handles ?? expect.fail("no handles"));
    for (let time = 0; time < 2; time++) {
      expect(await fault.heal(plan, { proxy: rebuilt }, never)).toMatchObject({ proven: true });
    }
    for (const link of links) expect(await refusal(link.listen)).toBeUndefined();
  });

  test("throws when nobody has such links", async () => {
    const lost = { ...plan, touches: ["link:worker:9"] } as const;
    await expect(fault.arm(lost, { proxy }, never)).rejects.toThrow("no link of this run belongs to link:worker:9");
  });
});
