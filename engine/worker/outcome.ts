/**
 * Says what is to become of a job whose handler failed, or that kills its workers: another attempt, or a dead letter.
 */
import type { JobType } from "../job-type.ts";
import { delayedMember, failedOnce, storyOf, type PendingEntry, type Story } from "../redis/entry.ts";
import type { SettlementRequest } from "../redis/settlement.ts";
import type { Chance } from "../std/random.ts";
import { stackOf } from "../std/thrown.ts";

type Patience = Pick<JobType<unknown>, "name" | "attempts" | "backoff">;

/** The attempt failed with that error. */
export function failure(
  type: Patience,
  held: PendingEntry,
  story: Story,
  error: unknown,
  chance: Chance,
): SettlementRequest {
  const failed = failedOnce(story, error);
  if (failed.failures < type.attempts) {
    return {
      as: "retry",
      held,
      delayMs: delayMs(type, failed.failures, chance),
      member: delayedMember(failed, held.payload),
    };
  }
  return deadOf(type, held, failed, failed.errors.at(-1) ?? "", stackOf(error));
}

/** A job that ended its worker in so many lone runs. */
export const poisoned = (type: Patience, held: PendingEntry, killed: number): SettlementRequest =>
  deadOf(
    type,
    held,
    storyOf(held),
    `poison: its worker died in each of ${killed} runs in which it was the only suspect there`,
  );

function deadOf(
  { name: origin }: Patience,
  held: PendingEntry,
  { id, failures, enqueuedAt, errors, ...story }: Story,
  lastError: string,
  stack = "",
): SettlementRequest {
  const [firstError = lastError] = errors;
  const letter = { job: id, origin, attempts: failures, firstError, lastError, enqueuedAt, stack, ...story };
  return { as: "dead", held, letter };
}

/** More would be Infinity, and 0 times that is no number. */
const doublingsMax = 1000;

/** Never less than the backoff: the jitter only adds, so that retries of one moment spread. */
const delayMs = ({ backoff: { baseMs, capMs } }: Patience, failures: number, chance: Chance): number =>
  Math.ceil(Math.min(baseMs * 2 ** Math.min(failures - 1, doublingsMax), capMs) * chance.between(1, 1.5));
