/**
 * A configuration for the test of what a verdict is proven by: the reference engine, connected in ways that have
 * nothing to do with the links that were laid for it. It does all that it promises, so that a run finds nothing wrong
 * with it.
 */
import { askOnce, openProbe } from "../chaos/levers/probe.ts";
import { builtin } from "../index.ts";
import { parseAddress } from "../harness/environment/address.ts";
import { beat } from "../std/turn.ts";
import type { Address, Connection, Context, Links } from "../systems/contract.ts";
import stream from "../systems/stream.ts";

type Stream = typeof stream;
type Config = Parameters<Stream["connect"]>[1];

const on = (way: Address): Links => ({ commands: way, blocking: way });

/** As the server itself tells it, by whatever way it was asked. */
async function straight({ links: { commands } }: Context): Promise<Address> {
  const info = await askOnce(commands, "INFO server");
  return { host: "127.0.0.1", port: Number(/^tcp_port:(\d+)/m.exec(info)?.[1]) };
}

/** Another Redis than the run's. */
const elsewhere = (): Address => parseAddress(process.env["ELSEWHERE"] ?? "", "ELSEWHERE");

const engineOn = (links: (context: Context) => Promise<Links>): Stream => ({
  ...stream,
  connect: async (context, config) => stream.connect({ ...context, links: await links(context) }, config),
});

/**
 * Whatever it is asked, it opens its connection first: nothing is open before the first job is sent, or the work
 * begins.
 */
function lazily(context: Context, config: Config): Connection {
  let opened: Promise<Connection> | undefined;
  const open = (): Promise<Connection> => (opened ??= stream.connect(context, config));
  return {
    enqueue: async (jobs) => (await open()).enqueue(jobs),
    work: async (work, stop) => (await open()).work(work, stop),
    async *scan() {
      yield* (await open()).scan();
    },
    depth: async () => (await (await open()).depth?.()) ?? 0,
    [Symbol.asyncDispose]: async () => (await opened)?.[Symbol.asyncDispose](),
  };
}

const systems: Readonly<Record<string, Stream>> = {
  "past-its-links": engineOn(async (context) => on(await straight(context))),
  "on-another-store": engineOn(async () => on(elsewhere())),
  /** With a connection to the run's own for show, which says something now and then. */
  "on-another-store-for-show": engineOn(async ({ links }) => {
    const shown = await openProbe(links.commands);
    beat(500, () => shown.say("PING"));
    return on(elsewhere());
  }),
  "opens-lazily": { ...stream, connect: async (context, config) => lazily(context, config) },
};

const load = {
  curve: "steady",
  jobs: 300,
  seconds: 6,
  producers: 1,
  workers: 2,
  concurrency: 5,
  payloadBytes: 500,
  work: { durationMs: [0, 10], failing: 0, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
  retries: { attempts: 3, backoffMs: 100 },
} as const;

export default builtin.extend({
  systems: Object.fromEntries(
    Object.entries(systems).map(([name, system]) => [name, async () => ({ default: system })]),
  ),
  scenarios: {
    "cut-and-stop": {
      about: "A link is cut, and the store is stopped, each for half a second.",
      store: "aof-everysec",
      load,
      exercises: [],
      trouble: [
        { fault: "cut", options: { lastsMs: [500, 500] }, times: 1, between: [0.1, 0.3] },
        { fault: "broker-stop", options: { lastsMs: [500, 500], how: "shutdown" }, times: 1, between: [0.6, 0.8] },
      ],
    },
  },
});
