import { never, tickNs, type LifeEvent } from "../history/ledger.ts";
import type { Measure } from "./contract.ts";
import { byPhase } from "./spans.ts";

export const runLatency = {
  about:
    "How long each run of a handler took, from its start to its end or failure: the work itself, without the queue. Runs that never ended are left out.",
  measure(ledger) {
    const { firstStartAt, lastEndAt } = ledger.columns;
    const spans = byPhase(ledger);
    for (let job = 0; job < firstStartAt.length; job++) {
      const from = firstStartAt[job] ?? never;
      const to = lastEndAt[job] ?? never;
      if (from !== never && to !== never && !ledger.isExceptional(job)) spans.add(from, to - from);
    }
    for (const { life } of ledger.exceptions())
      for (const { from, to } of endedRuns(life)) spans.add(from / tickNs, Math.round((to - from) / tickNs));
    return spans.distribution();
  },
} satisfies Measure;

/** Of one job's life, ns: each start with the first end or failure of the same attempt in the same process. */
function endedRuns(life: readonly LifeEvent[]): readonly { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = [];
  const open = new Map<string, number>();
  for (const { kind, incarnation, attempt, at } of life) {
    const run = `${incarnation} ${attempt}`;
    if (kind === "start") open.set(run, at);
    else if (kind === "end" || kind === "failed") {
      const from = open.get(run);
      if (from !== undefined) runs.push({ from, to: at });
      open.delete(run);
    }
  }
  return runs;
}
