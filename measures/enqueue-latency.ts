import { never } from "../history/ledger.ts";
import { surroundings, type Surroundings } from "../history/waiting.ts";
import type { Measure } from "./contract.ts";
import { durations } from "./distribution.ts";
import { fromIntended } from "./spans.ts";
import { acknowledgedAt } from "./times.ts";

export const enqueueLatency = {
  about:
    "From the time at which a job was to be enqueued to its acknowledgement. The uncorrected part counts from when it was really sent. Where a backlog piled up, the parts without and with it are those of an enqueue beside no work that waits and beside much of it, both without a fault.",
  measure(ledger) {
    const { intendedAt } = ledger.columns;
    const acknowledged = acknowledgedAt(ledger);
    const around = surroundings(ledger);
    const beside: Readonly<Record<Surroundings, ReturnType<typeof durations>>> = {
      calm: durations(),
      backlog: durations(),
    };
    for (let job = 0; job < intendedAt.length; job++) {
      const intended = intendedAt[job] ?? never;
      const end = acknowledged(job);
      if (end === never || intended === never) continue;
      const how = around(intended);
      if (how !== undefined) beside[how].add(end - intended);
    }
    const parts = { "without a backlog": beside.calm.histogram(), "with a backlog": beside.backlog.histogram() };
    const compared = Object.values(parts).every(({ totalCount }) => totalCount > 0);
    return fromIntended(ledger, acknowledged, { uncorrected: true, beside: compared ? parts : {} });
  },
} satisfies Measure;
