/** The reference engine on Redis Streams, as its users run it. */
import { z } from "zod";
import { connectWith, type ConnectOptions, type Engine } from "../engine/engine.ts";
import { jobType, type JobType, type Settled } from "../engine/index.ts";
import { stepsOn } from "../engine/redis/steps.ts";
import type { BoundsSaid } from "../history/bounds.ts";
import type { Claims, Connection, Context, Place, System, Way, Work } from "./contract.ts";

const options = z.strictObject({
  leaseMs: z
    .int()
    .min(500)
    .default(5000)
    .describe("a worker that shows no sign of life for this long loses what it holds"),
  sweepMs: z.int().min(50).default(1000).describe("how often each worker looks for the dead"),
  deadlineMs: z
    .int()
    .min(100)
    .max(300_000)
    .default(30_000)
    .describe("how long an enqueue waits for a broker that is away"),
  rememberMs: z
    .int()
    .min(1000)
    .default(15_000)
    .describe(
      "for how long a caller's key is remembered: far shorter than the engine's own default of a day, so that keys are forgotten within a run",
    ),
  graceMs: z.int().min(0).default(30_000).describe("how long handlers may go on after a worker was asked to stop"),
});
export type StreamConfig = z.infer<typeof options>;

/**
 * For what was reclaimed before a job, for a door that is closed for a suspect (half a lease), and for the moment that
 * a machine takes.
 */
const workOffMs = 3000;

/** After the grace: for handlers that heed their signal, and for the worker's last words to the broker. */
const farewellMs = 6000;

const maxDeliveries = 3;
/** The longest text that a scenario may ask for. */
const payloadBytesMax = 2 ** 20;
/**
 * Runs in company before it is suspected: it was in the hands of two workers that died, though it need not have been
 * started there.
 */
const unsuspected = 3;

/**
 * What makes a job run again. Whoever is silent for a lease loses its jobs: killed, paused, cut off, stalled, or
 * without replies, since a connection that never hears a greeting sends nothing. What a store that crashes forgets is
 * done again. Not among them: a slow link, any bent clock, and a request to stop.
 */
const causes = ["killed", "paused", "cut-off", "reply-lost", "store-away", "stalled"];

/** Between two signs of life: a fifth of the lease, at most a second. */
const beatMs = ({ leaseMs }: StreamConfig): number => Math.min(leaseMs / 5, 1000);

/** A door that is closed for a suspect, twice a quarter of a lease, and the moment that a machine takes. */
const startMs = ({ leaseMs }: StreamConfig): number => leaseMs / 2 + workOffMs;

/** Each worker looks for what is due five times a second. */
const lookMs = 500;
/** Added to a backoff, so that retries of one moment spread. */
const jitter = 0.5;

const recoveryMs = ({ leaseMs, sweepMs }: StreamConfig): number => leaseMs + 2 * sweepMs + workOffMs;

/**
 * @param makeSteps another way to do what the engine does to the broker: for engines that are broken on purpose
 * @param layout of the keys: where they are is nothing that a claim depends on
 */
export const streamSystem = (
  about: string,
  makeSteps: typeof stepsOn,
  layout: Partial<Pick<JobType<string>, "name" | "shards">> = {},
): System<StreamConfig> => ({
  about,
  packages: [],
  roles: ["commands", "blocking"],
  store: "single",
  options,
  profiles: {},
  tellsSettlements: true,
  delays: true,
  priorities: true,
  claims: claimsOf,
  bounds: boundsOf,
  async connect(context, config) {
    const engine = connectWith(
      {
        redis: brokerAt(context.links.commands),
        blocking: brokerAt(context.links.blocking),
        namespace: context.namespace,
        name: context.name,
      },
      makeSteps,
    );
    return connectionOf(engine, { ...typeOf(context, config), ...layout }, config);
  },
});

const claimsOf = (config: StreamConfig): Claims => ({
  "one-verdict": {},
  fenced: {},
  "duplicates-explained": { causes },
  "no-premature-reclaim": { causes },
  "attempts-exact": { crashes: "free" },
  "retry-not-early": {},
  "delayed-not-early": {},
  "retry-on-time": { boundMs: startMs(config) + lookMs, lookMs, factor: 2, jitter },
  "delayed-on-time": { boundMs: startMs(config) + lookMs, lookMs },
  "dead-letter-exactly-once": {},
  "dead-letter-complete": {
    fields: ["payload", "origin", "attempts", "firstError", "lastError", "enqueuedAt", "failedAt", "worker"],
  },
  "poison-isolated": {
    deliveries: unsuspected + maxDeliveries,
    starts: unsuspected + maxDeliveries,
    fewest: maxDeliveries,
  },
  "no-starvation": { boundMs: recoveryMs(config) },
  // Each worker shares its own starts exactly; what is read ahead and what the dead held come in between.
  "priority-honoured": { atLeast: 0.5 },
  "graceful-stop": { graceMs: config.graceMs + farewellMs },
  "enqueue-unhindered": { times: 10 },
  "metrics-truthful": {},
  deduplicated: {},
});

// The longest wait before a retry follows from the run's own attempts and backoff; the engine adds up to half of it.
const boundsOf = (config: StreamConfig): BoundsSaid => ({
  recoveryMs: recoveryMs(config),
  // Who was in the hands of two that died is a suspect: it waits for so long at most to have its process for itself.
  againMs: recoveryMs(config) + Math.max(config.graceMs, config.leaseMs),
  retryMs: 0,
  startMs: startMs(config),
  leaseMs: config.leaseMs,
  giveAwayMs: config.leaseMs - beatMs(config),
  reconnectMs: 2500,
  readAheadMs: 1000,
  settleMs: 300,
  deduplicationMs: config.rememberMs,
});

/** Each node of a cluster is reached by its own way, whatever the cluster calls it. */
function brokerAt(way: Way): ConnectOptions["redis"] {
  const { nodes } = way;
  if (nodes === undefined) return way;
  return { cluster: Object.values(nodes), via: (node) => nodes[`${node.host}:${node.port}`] ?? node };
}

export const typeOf = (
  { retries: { attempts, backoffMs }, priorities }: Pick<Context, "retries" | "priorities">,
  { leaseMs, rememberMs }: Pick<StreamConfig, "leaseMs" | "rememberMs">,
): JobType<string> =>
  jobType({
    name: "job",
    attempts,
    backoff: { baseMs: backoffMs },
    leaseMs,
    rememberMs,
    maxDeliveries,
    payloadBytesMax,
    ...(priorities === undefined ? {} : { priorities }),
  });

function connectionOf(engine: Engine, type: JobType<string>, config: StreamConfig): Connection {
  const producer = engine.producer(type, { deadlineMs: config.deadlineMs });
  return {
    queue: type.name,
    enqueue: (jobs) => producer.enqueue(jobs),
    depth: () => engine.depth(type),
    work: ({ handle, settled, concurrency }, stop) =>
      engine.work(type, ({ payload, attempt }, signal) => handle({ payload, attempt }, signal), {
        stop,
        concurrency,
        graceMs: config.graceMs,
        sweepMs: config.sweepMs,
        settled: told(settled),
      }),
    async *scan(): AsyncIterable<Place> {
      for await (const found of engine.inspect(type)) {
        if ("leftover" in found) {
          if (found.count > 0) yield found;
        } else if ("of" in found) yield { cardinality: found.of, count: found.count };
        else if (found.at === "dead") yield { at: "dead", payload: found.payload, entry: found.letter };
        else yield { at: found.at, payload: found.payload };
      }
    },
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

/** A retry ends nothing, so it is nobody's business. */
const told =
  (settled: Work["settled"]) =>
  ({ job: { text, attempt }, as, fate }: Settled): void => {
    if (as === "retry") return;
    settled({ payload: text, attempt }, fate === "accepted" ? { settlement: fate, as } : { settlement: fate });
  };

export default streamSystem(
  "The reference engine: Redis Streams with leases, fencing and idempotent producers. It promises all that can be judged here, so that there is something to hold others against.",
  stepsOn,
);
