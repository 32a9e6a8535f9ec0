/**
 * How enqueues were answered, in a sentence beside the verdict: whoever is told that all was kept has to know of how
 * much.
 */
import type { Result } from "../reports/contract.ts";

/** Empty where nothing was sent. No share is rounded up to all, or down to none. */
export function answersText({ sent, acknowledged, refused, unknown }: Result["jobs"]): string {
  if (sent === 0) return "";
  const count = sent.toLocaleString("en-US");
  if (acknowledged === sent) return `All ${count} enqueues were acknowledged.`;
  const percent = (part: number): string => {
    const tenths = Math.round((1000 * part) / sent);
    const shown = part === 0 ? 0 : part === sent ? 1000 : Math.min(999, Math.max(1, tenths));
    return `${(shown / 10).toFixed(1)} %`;
  };
  return `Of ${count} enqueues ${percent(acknowledged)} were acknowledged, ${percent(refused)} refused, ${percent(unknown)} left unknown.`;
}
