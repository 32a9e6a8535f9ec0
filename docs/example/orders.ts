/** The adapter: what Whitewater asks of a queue, said in the words of ours. */
import { setTimeout } from "node:timers/promises";
import { z, type Receipt, type Settlement, type System, type Work } from "whitewater";
import { openQueue, type Queue, type Taken } from "./queue.ts";

const options = z.strictObject({ hideMs: z.int().positive().default(3_000) });
/** A dead worker's orders are there again after `hideMs`; then somebody has to get round to them. */
const recoveryMs = ({ hideMs }: z.infer<typeof options>) => hideMs + 30_000;

export default {
  about: "Our order queue: a sorted set in Redis; an order is hidden for a while when a worker takes it.",
  packages: ["ioredis"],
  roles: ["commands"],
  options,
  profiles: { patient: { hideMs: 30_000 } },
  tellsSettlements: true,
  claims: (config) => ({
    "no-acked-loss": {},
    "no-phantom": {},
    "at-least-once": {},
    drained: {},
    "recovery-bound": { boundMs: recoveryMs(config) },
    prompt: { withinMs: 60_000 },
  }),
  bounds: (config) => ({ recoveryMs: recoveryMs(config), retryMs: 0 }),
  async connect({ links, namespace, retries }, { hideMs }) {
    const queue = openQueue(links.commands, namespace, hideMs);
    const add = async (payload: string): Promise<Receipt> => {
      try {
        return { outcome: "ok", id: await queue.add(payload) };
      } catch (error) {
        return { outcome: "unknown", why: String(error) }; // it may have been written all the same
      }
    };
    return {
      enqueue: (jobs) => Promise.all(jobs.map(({ payload }) => add(payload))),
      async work(work, stop) {
        const hand = async (): Promise<void> => {
          while (!stop.aborted) {
            const taken = await queue.take().catch(() => undefined);
            if (taken === undefined) await setTimeout(100);
            else await serve(queue, taken, work, retries);
          }
        };
        await Promise.all(Array.from({ length: work.concurrency }, hand));
      },
      async *scan() {
        const { redis, keys } = queue;
        for (const payload of await redis.hvals(keys.bodies)) yield { at: "waiting", payload };
        for (const letter of await redis.lrange(keys.dead, 0, -1)) {
          const { body, ...entry } = JSON.parse(letter);
          yield { at: "dead", payload: body, entry };
        }
      },
      [Symbol.asyncDispose]: async () => queue.close(),
    };
  },
} satisfies System<z.infer<typeof options>>;

async function serve(queue: Queue, taken: Taken, { handle, settled }: Work, retries: { attempts: number; backoffMs: number }) {
  const delivery = { payload: taken.body, attempt: taken.attempt };
  const told = (as: "done" | "dead", settlement: Promise<boolean>) =>
    settlement.then(
      (ours): Settlement => (ours ? { settlement: "accepted", as } : { settlement: "refused" }),
      (): Settlement => ({ settlement: "unknown" }),
    );
  try {
    await handle(delivery, new AbortController().signal);
  } catch (error) {
    if (taken.attempt < retries.attempts) return void (await queue.retry(taken.id, retries.backoffMs).catch(() => {}));
    return settled(delivery, await told("dead", queue.bury(taken, String(error))));
  }
  settled(delivery, await told("done", queue.done(taken.id)));
}
