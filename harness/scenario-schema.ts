/** What a scenario must look like: for those that no compiler has seen. Names of faults and guarantees are looked up elsewhere. */
import { z } from "zod";
import type { Scenario } from "../scenarios/contract.ts";
import { UserError } from "../std/user-error.ts";

const share = z.number().min(0).max(1);
const some = z.int().positive();
/** As much as a history can tell. */
const longestDelayMs = 655_350;
const prioritiesMost = 255;

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

const load = z.strictObject({
  curve: z.enum(["day", "steady", "peaks", "burst", "idle-then-burst"]),
  jobs: some,
  seconds: z.number().positive(),
  producers: some,
  workers: some,
  concurrency: some,
  payloadBytes: z.int().nonnegative(),
  work: z
    .strictObject({
      durationMs: z
        .tuple([z.number().nonnegative(), z.number().nonnegative()])
        .refine(([shortest, longest]) => shortest <= longest, "the shortest first, then the longest"),
      failing: share,
      alwaysFailing: share,
      killing: share,
      delayed: z
        .strictObject({
          share,
          upToMs: z.int().nonnegative().max(longestDelayMs, `a history tells delays of up to ${longestDelayMs} ms`),
        })
        .refine(({ share, upToMs }) => share === 0 || upToMs >= 10, "a delay is 10 ms at least"),
    })
    .refine(
      ({ failing, alwaysFailing, killing }) => failing + alwaysFailing + killing <= 1,
      "failing, alwaysFailing and killing are shares of the same jobs: 1 in all at most",
    ),
  retries: z.strictObject({ attempts: some, backoffMs: z.number().nonnegative() }),
  priorities: priorities.exactOptional(),
});

const schema: z.ZodType<Scenario> = z.strictObject({
  about: z.string(),
  store: z.enum(["aof-everysec", "aof-always", "memory"]),
  load,
  trouble: z.array(
    z.strictObject({
      fault: z.string(),
      options: z.unknown(),
      times: z.int().nonnegative(),
      between: z.tuple([share, share]).refine(([from, to]) => from <= to, "the beginning first, then the end"),
    }),
  ),
  exercises: z.array(z.string()),
  thresholds: z
    .array(z.union([z.string(), z.strictObject({ threshold: z.string(), endsRunEarly: z.boolean() })]))
    .exactOptional(),
});

/** @throws UserError naming what is wrong with it, and where */
export function validateScenario(name: string, scenario: unknown): void {
  const parsed = schema.safeParse(scenario);
  if (!parsed.success) throw new UserError(`scenario "${name}" is not one:\n${z.prettifyError(parsed.error)}`);
}
