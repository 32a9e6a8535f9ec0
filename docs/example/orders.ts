/** The adapter: what Whitewater asks of a queue, said in the words of ours. */
import { z, type Receipt, type System } from "whitewater";
import { openQueue } from "./queue.ts";

const options = z.strictObject({ hideMs: z.int().positive().default(3_000) });

/** A dead worker's orders show up again after `hideMs`; then somebody has to get round to them. */
const recoveryMs = ({ hideMs }: z.infer<typeof options>) => hideMs + 30_000;

export default {
  about:
    "Our order queue: a sorted set in Redis; an order is hidden for a while when a worker takes it.",
  packages: ["ioredis"],
  roles: ["commands"],
  store: "single",
  options,
  profiles: { patient: { hideMs: 30_000 } },
  tellsSettlements: false,
  delays: false,
  priorities: false,
  claims: () => ({ prompt: { withinMs: 60_000 } }),
  // An order is hidden once, when it is taken: the rest of that time may be short when its worker dies.
  bounds: (config) => ({
    recoveryMs: recoveryMs(config),
    retryMs: 0,
    leaseMs: config.hideMs,
    giveAwayMs: 0,
    watchedBy: "store",
  }),
  async connect({ links, namespace, retries }, { hideMs }) {
    const queue = openQueue(links.commands, namespace, { hideMs, ...retries });
    const add = (payload: string): Promise<Receipt> =>
      queue.add(payload).then(
        (id) => ({ outcome: "ok", id }),
        (error) => ({ outcome: "unknown", why: String(error) }), // it may have been written all the same
      );
    return {
      enqueue: (jobs) => Promise.all(jobs.map(({ payload }) => add(payload))),
      work: ({ handle, concurrency }, stop) =>
        queue.work((payload, attempt) => handle({ payload, attempt }, stop), concurrency, stop),
      async *scan() {
        for (const payload of await queue.pending()) yield { at: "waiting", payload };
        for (const { body, ...entry } of await queue.dead())
          yield { at: "dead", payload: body, entry };
      },
      [Symbol.asyncDispose]: async () => queue.close(),
    };
  },
} satisfies System<z.infer<typeof options>>;
