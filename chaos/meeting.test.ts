/** Whom a fault met, by what a kernel might tell: every way to have nothing to do with a link that was laid. */
import { expect, test } from "vitest";
import { messageOf } from "../std/user-error.ts";
import type { Bytes, Flow, Traffic, TrafficView } from "./contract.ts";
import {
  expectEnded,
  expectNoBypass,
  expectUnheard,
  factsOf,
  meetAtStore,
  meetOnLinks,
  type Patience,
} from "./meeting.ts";

const never = new AbortController().signal;
const flow = (inode: string, port: number): Flow => ({ inode, remote: `127.0.0.1:${port}` });
const [onLink, direct, strange, elsewhere] = [flow("1", 20_001), flow("2", 6390), flow("3", 20_003), flow("4", 5432)];

const traffic = (of: Partial<Traffic> & { readonly own?: readonly Flow[] } = {}): Traffic => ({
  slot: "worker:2",
  stopped: false,
  ways: ["127.0.0.1:20001"],
  links: { "worker-2-commands": of.own ?? [] },
  direct: [],
  strange: [],
  elsewhere: [],
  ...of,
});

interface Told {
  readonly seen: Traffic | "away" | undefined;
  readonly bytes?: ReadonlyMap<string, Bytes>;
  readonly open?: readonly Flow[];
}
/** Each look sees the next of them, and the last for ever. */
function views(...told: readonly [Told, ...Told[]]): TrafficView {
  let looks = 0;
  const now = (): Told => told[Math.min(looks, told.length - 1)] ?? told[0];
  return {
    of() {
      const { seen } = now();
      looks++;
      return seen;
    },
    all() {
      const { seen } = now();
      looks++;
      return seen === undefined ? undefined : seen === "away" ? [] : [seen];
    },
    open: () => now().open ?? [],
    bytes: async () => now().bytes,
  };
}
const carried = new Map([["1", { sent: 10, received: 20 }]]);

/** 50 looks, and long enough for a busy machine to come to the last of what is told. */
const patience: Patience = { comeMs: 50, awayMs: 60_000, everyMs: 1 };

function meets(traffic: TrafficView | undefined, at: "link" | "store" = "link", awayMs = 60_000) {
  const lever = traffic === undefined ? {} : { traffic };
  const met =
    at === "link"
      ? meetOnLinks("link:worker:2", lever, 20, never, { ...patience, awayMs })
      : meetAtStore(lever, 20, never, { ...patience, awayMs });
  return met.then(factsOf, messageOf);
}

test("own connections that carry bytes are met", async () => {
  expect(await meets(views({ seen: traffic({ own: [onLink] }), bytes: carried }))).toEqual({
    seenBy: "kernel",
    connections: 1,
    sentBytes: 10,
    receivedBytes: 20,
  });
});

test("where bytes are not told, open connections are enough, and where nothing is told, a probe", async () => {
  expect(await meets(views({ seen: traffic({ own: [onLink] }) }))).toEqual({ seenBy: "kernel", connections: 1 });
  expect(await meets(views({ seen: undefined }))).toEqual({ seenBy: "probe" });
  expect(await meets(undefined)).toEqual({ seenBy: "probe" });
});

test("whoever opens them late, was away, or stood still for long, is met when they are there", async () => {
  const there = { seen: traffic({ own: [onLink] }), bytes: carried };
  const long = Array.from({ length: 300 }, (_, n) => ({
    seen: n < 150 ? ("away" as const) : traffic({ stopped: true }),
  }));
  for (const before of [[{ seen: traffic() }], [{ seen: traffic({ own: [onLink] }), bytes: new Map() }], long]) {
    const [first = there, ...rest] = [...before, there];
    expect(await meets(views(first, ...rest))).toMatchObject({ seenBy: "kernel", connections: 1 });
  }
});

test.each<{ readonly what: string; readonly told: Told; readonly why: string }>([
  {
    what: "opens none",
    told: { seen: traffic() },
    why: "met nobody: no connection of worker 2 was open on its proxied link 127.0.0.1:20001",
  },
  {
    what: "is connected elsewhere",
    told: { seen: traffic({ elsewhere: [elsewhere, elsewhere] }) },
    why: "met nobody: no connection of worker 2 was open on its proxied link 127.0.0.1:20001 (but to 127.0.0.1:5432)",
  },
  {
    what: "uses none that it opens",
    told: { seen: traffic({ own: [onLink] }), bytes: new Map([["1", { sent: 14, received: 0 }]]) },
    why: "met nobody: nothing had passed the open connections",
  },
  {
    what: "goes past it beside it",
    told: { seen: traffic({ own: [onLink], direct: [direct] }), bytes: carried },
    why: "worker 2 talks to 127.0.0.1:6390 directly, past its own proxied link 127.0.0.1:20001",
  },
  {
    what: "goes through a link of another",
    told: { seen: traffic({ strange: [strange] }) },
    why: "worker 2 talks to 127.0.0.1:20003, which is a link of another process, past its own proxied link 127.0.0.1:20001",
  },
])("who $what is not met", async ({ told, why }) => {
  expect(await meets(views(told))).toContain(why);
});

test("who never comes is waited for, and not for ever", async () => {
  expect(await meets(views({ seen: "away" }), "link", 100)).toContain("ms for somebody ready in link:worker:2");
});

test("the store is met by whoever is connected to it, straight or by any link", async () => {
  for (const seen of [traffic({ direct: [direct] }), traffic({ own: [onLink] }), traffic({ strange: [strange] })])
    expect(await meets(views({ seen }), "store")).toEqual({ seenBy: "kernel", connections: 1 });
  expect(await meets(views({ seen: undefined }), "store")).toEqual({ seenBy: "probe" });
  expect(await meets(views({ seen: traffic({ elsewhere: [elsewhere] }) }), "store")).toBe(
    "no process of the run was connected to the store (but to 127.0.0.1:5432)",
  );
});

const met = (view: TrafficView) => ({ seenBy: "kernel", view, flows: [onLink, direct], facts: {} }) as const;

test("connections that a cut left open are none that it hit", () => {
  expect(expectEnded(met(views({ seen: "away" })))).toEqual({ ended: 2 });
  expect(() => expectEnded(met(views({ seen: "away", open: [direct] })))).toThrow("2 connections 1 are open still");
  expect(expectEnded({ seenBy: "probe" })).toEqual({});
});

test("what is heard in a silence is a hole in it; who hangs up hears nothing", async () => {
  let heard: Map<string, Bytes> | undefined;
  const view = { ...views({ seen: "away" }), bytes: async () => heard };
  const during = (after: Map<string, Bytes> | undefined) => async () => void (heard = after);
  for (const after of [carried, new Map(), undefined, new Map([["1", { sent: 99, received: 20 }]])]) {
    heard = carried;
    await expectUnheard(met(view), during(after));
  }
  heard = carried;
  const more = new Map([["1", { sent: 10, received: 27 }]]);
  await expect(expectUnheard(met(view), during(more))).rejects.toThrow("heard 7 bytes");
});

test("who finds a way around a fault while it is in force is told of", () => {
  expect(() => expectNoBypass(met(views({ seen: traffic({ direct: [direct] }) })), "link:worker:2")).toThrow(
    "directly",
  );
  for (const seen of [traffic({ own: [onLink] }), "away", undefined] as const)
    expectNoBypass(met(views({ seen })), "link:worker:2");
});
