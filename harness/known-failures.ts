/**
 * Failures that a team knows of and has decided to live with for a while: each with a reason and a day on which it is a
 * failure again. A build goes on in spite of them; the verdict stays what it is.
 */
import { existsSync, readFileSync } from "node:fs";
import { z } from "zod";
import type { Result } from "../reports/contract.ts";
import { calendarNow } from "../std/clock.ts";
import { messageOf, UserError } from "../std/user-error.ts";

const schema = z.array(
  z.strictObject({
    scenario: z.string(),
    system: z.string(),
    guarantee: z.string(),
    reason: z.string().min(10, "say in a sentence why this is known and not mended"),
    /** The last day on which it is known; afterwards it fails again. */
    until: z.iso.date(),
  }),
);
export type KnownFailure = z.infer<typeof schema>[number];

/** @throws UserError naming the file and what is wrong in it */
export function readKnownFailures(file: string): readonly KnownFailure[] {
  if (!existsSync(file)) throw new UserError(`there is no file of known failures at ${file} (--known)`);
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (thrown) {
    throw new UserError(`${file} (--known) is not JSON: ${messageOf(thrown)}`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UserError(
    `${file} (--known) is not a list of { scenario, system, guarantee, reason, until: "2030-12-31" }:\n${z.prettifyError(parsed.error)}`,
  );
}

export interface Excuse {
  /** Broken guarantees that are known, with why. */
  readonly known: readonly KnownFailure[];
  /** Were known until a day that is over. */
  readonly expired: readonly KnownFailure[];
  /** Are known for this scenario and system, and did not fail. */
  readonly idle: readonly KnownFailure[];
  /**
   * What a build should make of the run: a pass only where nothing is broken but what is known, and nothing is unknown.
   */
  readonly verdict: Result["verdict"];
}

type Judged = Pick<Result, "verdict" | "guarantees"> & {
  readonly run: {
    readonly scenario: Pick<Result["run"]["scenario"], "name">;
    readonly system: Pick<Result["run"]["system"], "name">;
  };
};

/** @param day as 2030-12-31 */
export function excuse(result: Judged, failures: readonly KnownFailure[], day: string): Excuse {
  const here = failures.filter(
    ({ scenario, system }) => scenario === result.run.scenario.name && system === result.run.system.name,
  );
  const broken = result.guarantees.filter(({ claimed, verdict }) => claimed && verdict === "fail");
  const isBroken = ({ guarantee }: KnownFailure): boolean => broken.some(({ name }) => name === guarantee);
  const failed = here.filter(isBroken);
  const known = failed.filter(({ until }) => until >= day);
  const excused = broken.every(({ name }) => known.some(({ guarantee }) => guarantee === name));
  return {
    known,
    expired: failed.filter(({ until }) => until < day),
    idle: result.verdict === "unknown" ? [] : here.filter((failure) => !isBroken(failure)),
    verdict: result.verdict === "fail" && excused ? (hasUnknown(result) ? "unknown" : "pass") : result.verdict,
  };
}

/** As 2030-12-31, by the calendar of Greenwich. */
export const today = (): string => calendarNow().toISOString().slice(0, 10);

/** What a failure hid: a claimed guarantee of which the run proves nothing. */
const hasUnknown = ({ guarantees }: Judged): boolean =>
  guarantees.some(
    (guarantee) =>
      guarantee.claimed &&
      (guarantee.verdict === "unknown" ||
        (guarantee.verdict === "pass" && guarantee.exercised && guarantee.exposed === 0)),
  );
