/**
 * What a scenario must look like: for those that no compiler has seen. Names of faults and guarantees are looked up
 * elsewhere.
 */
import { z } from "zod";
import type { Scenario } from "../scenarios/contract.ts";
import { messageOf, UserError } from "../std/user-error.ts";
import { spanSeconds } from "../history/ledger.ts";
import { jobsMost } from "./judging-room.ts";
import { longTextBytes } from "../fleet/load/texts.ts";

const share = z.number().min(0).max(1);
const some = z.int().positive();
/** More of either take more than any one machine has; the machine at hand may have less (machine-limits.ts). */
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
    scripts: share.exactOptional(),
    long: z
      .strictObject({
        share,
        upToBytes: z
          .int()
          .gt(longTextBytes, `a long text has more than ${longTextBytes} bytes`)
          .max(longestTextBytes, `a text has ${longestTextBytes} bytes at most`),
      })
      .exactOptional(),
    short: share.exactOptional(),
    empty: z.boolean().exactOptional(),
  })
  .refine(
    ({ long, short = 0 }) => (long?.share ?? 0) + short <= 1,
    "long and short are shares of the same jobs: 1 in all at most",
  );

const load = z.strictObject({
  curve: z.enum(["day", "steady", "peaks", "burst", "idle-then-burst"]),
  jobs: some.max(jobsMost),
  seconds: z.number().positive().max(spanSeconds),
  producers: some.max(processesMost),
  workers: some.max(processesMost),
  concurrency: some.max(concurrencyMost),
  payloadBytes: z.int().nonnegative().max(longestTextBytes),
  texts: texts.exactOptional(),
  workersFrom: share.lt(1, "workers come before the load is over: less than 1").exactOptional(),
  work: z
    .strictObject({
      durationMs: z
        .tuple([
          z.number().nonnegative(),
          z
            .number()
            .nonnegative()
            .max(spanSeconds * 1000),
        ])
        .refine(([shortest, longest]) => shortest <= longest, "the shortest first, then the longest"),
      failing: share,
      alwaysFailing: share,
      killing: share,
      delayed: z
        .strictObject({
          share,
          upToMs: z.int().nonnegative().max(longestDelayMs, `a history tells delays of up to ${longestDelayMs} ms`),
          together: z.boolean().exactOptional(),
        })
        .refine(({ share, upToMs }) => share === 0 || upToMs >= 10, "a delay is 10 ms at least"),
    })
    .refine(
      ({ failing, alwaysFailing, killing }) => failing + alwaysFailing + killing <= 1,
      "failing, alwaysFailing and killing are shares of the same jobs: 1 in all at most",
    ),
  retries: z.strictObject({
    attempts: some.max(attemptsMost),
    backoffMs: z
      .number()
      .nonnegative()
      .max(spanSeconds * 1000),
  }),
  priorities: priorities.exactOptional(),
});

const schema: z.ZodType<Scenario> = z
  .strictObject({
    about: z.string(),
    store: z.enum(["aof-everysec", "aof-always", "memory"]),
    load,
    trouble: z
      .array(
        z.strictObject({
          fault: z.string(),
          options: z.unknown(),
          times: z.int().nonnegative(),
          between: z.tuple([share, share]).refine(([from, to]) => from <= to, "the beginning first, then the end"),
        }),
      )
      .refine(
        (all) => all.reduce((sum, { times }) => sum + times, 0) <= faultsMost,
        `${faultsMost} faults in all at most (times)`,
      ),
    exercises: z.array(z.string()),
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
  const parsed = readBy(name, () => schema.safeParse(scenario));
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
