import { surroundings, type QueueState } from "../history/waiting.ts";
import type { Measure } from "./contract.ts";
import { durations } from "./distribution.ts";
import { forEachJob, fromIntended, samplesFromIntended } from "./spans.ts";
import { acknowledgement } from "./times.ts";

export const enqueueLatency = {
  about:
    "From the time at which a job was to be enqueued to its acknowledgement. One that nobody answered counts with its age at the end of the run, or when its client gave up; one that was refused is left out. The uncorrected part counts from when it was really sent. Where a backlog piled up, the parts without and with it are those of an enqueue beside no work that waits and beside much of it, both without a fault.",
  measure(ledger) {
    const acknowledged = acknowledgement(ledger);
    const around = surroundings(ledger);
    const beside: Readonly<Record<QueueState, ReturnType<typeof durations>>> = {
      calm: durations(),
      backlog: durations(),
    };
    let [calm, backlogged] = [0, 0];
    forEachJob(ledger, acknowledged, (_, intended, end, isOver) => {
      const how = around(intended);
      if (how === undefined) return;
      beside[how].add(end - intended, isOver);
      if (how === "calm") calm++;
      else backlogged++;
    });
    const parts = { "without a backlog": beside.calm.tally(), "with a backlog": beside.backlog.tally() };
    const compared = calm > 0 && backlogged > 0;
    return fromIntended(ledger, acknowledged, { uncorrected: true, beside: compared ? parts : {} });
  },
  eachSample: (ledger, tell) => samplesFromIntended(ledger, acknowledgement(ledger), tell),
  oncePerJob: true,
} satisfies Measure;
