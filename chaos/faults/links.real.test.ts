/** Every fault on links on a real Toxiproxy: shown to bite and to be over, and not shown where another link was hit. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Environment } from "../../harness/environment/provide.ts";
import { readHandles } from "../../harness/environment/handles.ts";
import { eventually } from "../../std/deadline.ts";
import { seeded } from "../../std/random.ts";
import { plain } from "../../std/json.ts";
import { nobody, scratchRun, type ScratchRun } from "../../harness/environment/testing/scratch-run.ts";
import type { Fault, Link, Planned, ProxyLever } from "../contract.ts";
import { faults } from "../index.ts";
import { askOnce, openProbe } from "../levers/probe.ts";
import { proxyLever } from "../levers/proxy.ts";

const never = new AbortController().signal;
/** What would have been proven by now is not there. */
const soon = (): AbortSignal => AbortSignal.timeout(1500);

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
  await environment.createLink("link:producer:0", "commands");
  ({ proxy } = environment.levers(nobody));
});
afterAll(() => run[Symbol.asyncDispose]());

/** What the tests leave in the store. */
const keys = (): Promise<string> => askOnce(environment.redis.address, "DBSIZE");

const elsewhere = (): Link => proxy.links("link:producer:0")[0] ?? expect.fail("no other link");

/** Does to all links what it is told, and nothing to one of them. */
function sparing(spared: Link | undefined): ProxyLever {
  const unless = (deed: (link: Link) => Promise<void>, link: Link): Promise<void> =>
    link.name === spared?.name ? Promise.resolve() : deed(link);
  return {
    ...proxy,
    cut: (link) => unless(proxy.cut, link),
    put: (link, toxics) => unless((other) => proxy.put(other, toxics), link),
  };
}

type LinkFault = Fault<unknown, Planned, "proxy">;

/** Options beside how long and whose; the bounds are narrow, so that the facts are known. */
const cases: Readonly<Record<string, { readonly fault: LinkFault; readonly more?: object }>> = {
  cut: { fault: faults.cut },
  reset: { fault: faults.reset },
  "black-hole": { fault: faults["black-hole"] },
  "replies-lost": { fault: faults["replies-lost"] },
  "requests-lost": { fault: faults["requests-lost"] },
  "torn requests": { fault: faults.torn, more: { way: "requests", bytes: [700, 700] } },
  "torn replies": { fault: faults.torn, more: { way: "replies", bytes: [300, 6000] } },
  "torn both ways": { fault: faults.torn, more: { way: "both", bytes: [330, 330] } },
  latency: { fault: faults.latency, more: { latencyMs: [150, 150], jitterMs: [50, 50] } },
  "slow-link": { fault: faults["slow-link"], more: { kilobytes: [100, 100] } },
};
/** What is in the evidence of each link. */
const facts: Readonly<Record<string, object>> = {
  cut: { before: expect.any(String), fresh: "ECONNREFUSED", direct: "+PONG" },
  reset: { before: "ECONNRESET", fresh: "ECONNREFUSED", direct: "+PONG" },
  "black-hole": { written: 2, arrived: 0 },
  "replies-lost": { written: 2, arrived: 2 },
  "requests-lost": { written: 2, arrived: 0 },
  "torn requests": { bytes: 700, carriedOut: 11, sent: 12 },
  "torn replies": { received: expect.any(Number) },
  "torn both ways": { bytes: 330, carriedOut: 5, received: 330 },
  latency: { tookMs: [expect.any(Number), expect.any(Number)] },
  "slow-link": { bytes: 25_000 },
};

describe.each(Object.entries(cases))("%s", (name, { fault, more }) => {
  const planned = (of: "worker" | "producer") =>
    fault.plan(fault.options.parse({ lastsMs: [700, 700], of, ...more }), { workers: 1, producers: 1 }, seeded(name));
  const plan = planned("worker");

  test("bites on both links, spares others, and is over after the heal, also by a process with only the handles", async () => {
    const { proxy: handles } = readHandles(plain(environment.handles));
    const rebuilt = proxyLever(handles ?? expect.fail("no handles"));
    for (const healer of [proxy, rebuilt]) {
      const bite = await fault.arm(plan, { proxy }, never);
      const shown = Object.fromEntries(links.map((link) => [link.name, facts[name]]));
      expect(await bite(never)).toMatchObject({ proven: true, facts: { links: shown } });
      expect(await askOnce(elsewhere().listen, "PING")).toBe("+PONG");
      for (let time = 0; time < 2; time++) {
        const healed = await fault.heal(plan, { proxy: healer }, never);
        expect(healed).toMatchObject({ proven: true, facts: { increments: 5 } });
      }
      for (const link of links) expect(await askOnce(link.listen, "PING")).toBe("+PONG");
    }
    expect(await keys()).toBe(":0");
  });

  test("bites a producer's as well as a worker's", async () => {
    const other = planned("producer");
    expect(other.touches).toEqual(["link:producer:0"]);
    const bite = await fault.arm(other, { proxy }, never);
    expect(await bite(never)).toMatchObject({ proven: true });
    expect(await askOnce(links[0]?.listen ?? expect.fail("no link"), "PING")).toBe("+PONG");
    expect(await fault.heal(other, { proxy }, never)).toMatchObject({ proven: true });
  });

  test("is not proven where one of two links was spared", async () => {
    const bite = await fault.arm(plan, { proxy: sparing(links[1]) }, never);
    expect(await bite(soon())).toMatchObject({ proven: false });
    expect(await fault.heal(plan, { proxy }, never)).toMatchObject({ proven: true });
    expect(await keys()).toBe(":0");
  });
});

const plan = faults.cut.plan({ lastsMs: [700, 700], of: "worker" }, { workers: 1, producers: 1 }, seeded("one"));

test("a heal that does nothing is not taken for one", { timeout: 200_000 }, async () => {
  expect(await (await faults.cut.arm(plan, { proxy }, never))(never)).toMatchObject({ proven: true });
  const idle: ProxyLever = { ...proxy, restore: () => Promise.resolve() };
  expect(await faults.cut.heal(plan, { proxy: idle }, soon())).toMatchObject({ proven: false });
  expect(await faults.cut.heal(plan, { proxy }, never)).toMatchObject({ proven: true });
});

test("what is not proven names the link", async () => {
  const bite = await faults.cut.arm(plan, { proxy: sparing(links[1]) }, never);
  expect(await bite(never)).toEqual({
    proven: false,
    why: "worker-0-blocking: a connection that was open before is open still",
  });
  expect(await faults.cut.heal(plan, { proxy }, never)).toMatchObject({ proven: true });
});

test("throws when nobody has such links", async () => {
  const lost = { ...plan, touches: ["link:worker:9"] } as const;
  await expect(faults.cut.arm(lost, { proxy }, never)).rejects.toThrow("no link of this run belongs to link:worker:9");
});

test("a connection outlives latency, unless its toxics cannot be lifted", async () => {
  const slow = { ...plan, ms: 100, jitterMs: 0 };
  const [link] = links;
  using client = await openProbe(link?.listen ?? expect.fail("no link"));
  for (const isStuck of [false, true]) {
    const lever: ProxyLever = { ...proxy, ...(isStuck && { lift: () => Promise.reject(new Error("it hangs")) }) };
    expect(await (await faults.latency.arm(slow, { proxy: lever }, never))(never)).toMatchObject({ proven: true });
    expect(await client.ask("PING")).toBe("+PONG");
    expect(await faults.latency.heal(slow, { proxy: lever }, never)).toMatchObject({ proven: true });
    if (isStuck) await eventually(() => client.ended(), { deadlineMs: 10_000, awaited: "the connection to be cut" });
    else expect(await client.ask("PING")).toBe("+PONG");
  }
});
