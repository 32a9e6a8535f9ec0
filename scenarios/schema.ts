/**
 * What a scenario must look like, for compilers (contract.ts) and for those that none has seen. Names of faults and
 * guarantees are looked up elsewhere.
 */
import { z } from "zod";
import { spanSeconds } from "../history/ledger.ts";
import { messageOf, UserError } from "../std/user-error.ts";

/** More than anybody ever ran; in seconds as in jobs, a history can tell no more. */
export const jobsMost = 100_000_000;
/** Longer texts are long: where a length has sixteen bits, they do not fit. */
export const longTextBytes = 1 << 16;

const share = z.number().min(0).max(1);
const some = z.int().positive();
/** More of either take more than any one machine has; the machine at hand may have less. */
const processesMost = 1000;
const concurrencyMost = 10_000;
/** A history tells no more of them apart, and a wait that doubles with each is endless long before. */
const attemptsMost = 254;
/** In all: each has to find a place where it is in no other's way. */
const faultsMost = 200;
/** As much as a history can tell. */
const longestDelayMs = 655_350;
const prioritiesMost = 255;
/** A call takes up to two hundred jobs, and all of them may be as long. */
const longestTextBytes = 1 << 20;

/** What a crash of the store's process or machine may take: its settings, by name. */
const store = z.enum(["aof-everysec", "aof-always", "memory"]);

/** How arrivals spread over the load phase; each curve integrates to the same number of jobs. */
const curve = z.enum(["day", "steady", "peaks", "burst", "idle-then-burst"]);

const priorities = z
  .record(
    z.string().regex(/^[\w.-]+$/, "a priority's name is letters, digits and . _ -"),
    z.strictObject({ weight: z.number().positive(), share }),
  )
  .refine((all) => Object.keys(all).length <= prioritiesMost, `${prioritiesMost} priorities at most`)
  .refine(
    (all) => Math.abs(Object.values(all).reduce((sum, one) => sum + one.share, 0) - 1) < 1e-9,
    "the shares of the priorities are of the same jobs: they add up to 1",
  );

const texts = z
  .strictObject({
    /** In other scripts, with control characters, quotes and percent signs. */
    scripts: share.exactOptional(),
    /** Longer: drawn evenly from 64 KiB up to so many bytes. */
    long: z
      .strictObject({
        share,
        upToBytes: z
          .int()
          .gt(longTextBytes, `a long text has more than ${longTextBytes} bytes`)
          .max(longestTextBytes, `a text has ${longestTextBytes} bytes at most`),
      })
      .exactOptional(),
    /** With nothing but what tells which job it is. */
    short: share.exactOptional(),
    /** Whether one job has no text at all. There is never a second one, so that it is known by that. */
    empty: z.boolean().exactOptional(),
  })
  .refine(
    ({ long, short = 0 }) => (long?.share ?? 0) + short <= 1,
    "long and short are shares of the same jobs: 1 in all at most",
  );

/** The seeded script of each job. */
const work = z
  .strictObject({
    /** Run time, drawn evenly between the two. */
    durationMs: z
      .tuple([
        z.number().nonnegative(),
        z
          .number()
          .nonnegative()
          .max(spanSeconds * 1000),
      ])
      .refine(([shortest, longest]) => shortest <= longest, "the shortest first, then the longest"),
    /** Share of jobs whose first attempt, or first two, fail. */
    failing: share,
    /** Share of jobs that fail on every attempt. */
    alwaysFailing: share,
    /** Share of jobs that end their worker's process whenever they run: poison. */
    killing: share,
    /**
     * Share of jobs that must not start before a delay, drawn evenly up to `upToMs` in steps of 10 ms. Left out where
     * the system takes none.
     */
    delayed: z
      .strictObject({
        share,
        upToMs: z.int().nonnegative().max(longestDelayMs, `a history tells delays of up to ${longestDelayMs} ms`),
        /**
         * They are all due at the same moments, `upToMs` apart, however long before they come. Left out: each by
         * itself.
         */
        together: z.boolean().exactOptional(),
      })
      .refine(({ share, upToMs }) => share === 0 || upToMs >= 10, "a delay is 10 ms at least"),
  })
  .refine(
    ({ failing, alwaysFailing, killing }) => failing + alwaysFailing + killing <= 1,
    "failing, alwaysFailing and killing are shares of the same jobs: 1 in all at most",
  );

const load = z.strictObject({
  curve,
  jobs: some.max(jobsMost),
  seconds: z.number().positive().max(spanSeconds),
  producers: some.max(processesMost),
  workers: some.max(processesMost),
  /** Handlers at once in each worker. */
  concurrency: some.max(concurrencyMost),
  payloadBytes: z.int().nonnegative().max(longestTextBytes),
  /** What they carry beside so many letters and digits, by share of jobs. Left out: nothing else. */
  texts: texts.exactOptional(),
  /**
   * When the workers come, as a part of the load phase (0 its start, 1 its end). Left out: they are there before the
   * first job.
   */
  workersFrom: share.lt(1, "workers come before the load is over: less than 1").exactOptional(),
  work,
  /**
   * Share of jobs that are enqueued under the caller's key of an earlier one, up to so long after it: at once, or while
   * it waits, runs, is done or dead, by the same producer or another. Each has a text of its own, so that it is seen
   * which of them is run. Left out where the system takes no keys; none is later than its deduplication window.
   */
  repeats: z
    .strictObject({
      share: share.lt(1, "of the jobs under one key the first repeats none: less than 1"),
      withinMs: z.number().positive(),
    })
    .exactOptional(),
  retries: z.strictObject({
    attempts: some.max(attemptsMost),
    backoffMs: z
      .number()
      .nonnegative()
      .max(spanSeconds * 1000),
  }),
  /**
   * By name: the weight by which starts are shared while jobs of all of them wait, and the share of jobs that get it.
   * Shares add up to 1. Left out where all jobs are alike, or the system takes none.
   */
  priorities: priorities.exactOptional(),
});

/** `times` faults of a kind, at seeded moments in that part of the load phase (0 its start, 1 its end). */
const trouble = z.strictObject({
  fault: z.string(),
  options: z.unknown(),
  times: z.int().nonnegative(),
  between: z.tuple([share, share]).refine(([from, to]) => from <= to, "the beginning first, then the end"),
});

export const scenarioSchema = z
  .strictObject({
    about: z.string(),
    store,
    load,
    trouble: z
      .array(trouble)
      .refine(
        (all) => all.reduce((sum, { times }) => sum + times, 0) <= faultsMost,
        `${faultsMost} faults in all at most (times)`,
      ),
    /** Exposed to nothing makes the run unknown. Only what the system claims is asked for. */
    exercises: z.array(z.string()),
    /**
     * What is fast enough, such as "p99(end-to-end) during quiet < 500ms": docs/thresholds.md. A missed one fails the
     * run, and ends it as soon as it can no longer be held where that is asked for.
     */
    thresholds: z
      .array(z.union([z.string(), z.strictObject({ threshold: z.string(), endsRunEarly: z.boolean() })]))
      .exactOptional(),
  })
  .refine(
    ({ load: { workersFrom = 0 }, trouble }) => trouble.every(({ between: [from] }) => from >= workersFrom),
    "trouble begins when the workers are there: `between` is not before `workersFrom`",
  );

/** @throws UserError naming what is wrong with it, and where */
export function validateScenario(name: string, scenario: unknown): void {
  const parsed = readBy(name, () => scenarioSchema.safeParse(scenario));
  if (!parsed.success) throw new UserError(`scenario "${name}" is not one:\n${z.prettifyError(parsed.error)}`);
}

/** A member that is no plain value may throw when it is asked for. */
function readBy<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw new UserError(`scenario "${name}" cannot be read: ${messageOf(thrown)}`);
  }
}
