/**
 * Whoever asks for work to be done does not wait for the work that waits. Compared within one run, by the medians, so
 * that the machine takes no part in it; and only under a scenario that leaves the machine room, or it would be the
 * processor that is judged.
 */
import { z } from "zod";
import { never, outcomes, tickNs, type Ledger } from "../history/ledger.ts";
import { surroundings, type QueueState } from "../history/waiting.ts";
import { median } from "../std/percentile.ts";
import type { Check } from "./contract.ts";
import { filesMissing } from "./evidence.ts";
import { findings } from "./findings.ts";

const options = z.strictObject({
  times: z.number().min(1).describe("how many times as long an enqueue may take beside a backlog as without one"),
});

/** As the catalogue has it. */
const name = "enqueue-unhindered";

/** Fewer of one kind say nothing. */
const samplesLeast = 100;
/** More are not needed for a median. */
const samplesMost = 200_000;
/** Shorter than that counts as that: what is as quick may be a few times slower without anybody's notice. */
const leastMs = 1;

export const enqueueUnhindered: Check<z.infer<typeof options>> = {
  about:
    "An enqueue takes about as long beside a backlog as without one: whoever hands work in does not wait for the work that waits. Judged under the scenarios that mean to threaten it, by the medians of both, while no fault is in force. Exposed are the enqueues beside a backlog.",
  needs: [],
  options,
  neutral: { times: 20 },
  check(ledger, { times }) {
    const found = findings(ledger);
    const latencies = ledger.run.exercises.includes(name) ? latenciesOf(ledger) : { calm: [], backlog: [] };
    const { calm, backlog } = latencies;
    const missing = filesMissing(ledger, ["producer", "worker"]);
    if (calm.length < samplesLeast || backlog.length < samplesLeast)
      return found.verdict({ exposed: 0, counts: { calm: calm.length, backlog: backlog.length }, missing });
    const [calmMs, backlogMs] = [Math.max(median(calm), leastMs), median(backlog)];
    if (backlogMs > times * calmMs)
      found.violation({
        kind: "hindered",
        job: undefined,
        doubt: missing,
        what: () =>
          `An enqueue took ${backlogMs.toFixed(1)} ms (the median of ${backlog.length}) while jobs were piled up, and ${calmMs.toFixed(1)} ms without: ${(backlogMs / calmMs).toFixed(1)} times as long, where ${ledger.run.system} promises at most ${times}.`,
      });
    return found.verdict({
      exposed: backlog.length,
      counts: { calm: calm.length, backlog: backlog.length, calmMs, backlogMs, ratio: backlogMs / calmMs, times },
      missing,
    });
  },
};

function latenciesOf(ledger: Ledger): Readonly<Record<QueueState, number[]>> {
  const { intendedAt, answeredAt, outcome } = ledger.columns;
  const around = surroundings(ledger);
  const found: Record<QueueState, number[]> = { calm: [], backlog: [] };
  const step = Math.ceil(outcome.length / samplesMost);
  for (let job = 0; job < outcome.length; job += step) {
    const intended = intendedAt[job] ?? never;
    if (outcome[job] !== outcomes.ok || intended === never) continue;
    const how = around(intended);
    if (how !== undefined) found[how].push((((answeredAt[job] ?? never) - intended) * tickNs) / 1e6);
  }
  return found;
}
