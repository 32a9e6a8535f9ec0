/** What a worker does with a job: its seeded script, with everything on file before it takes effect. */
import { killsItsWorker, noJob } from "../history/record.ts";
import type { Recorder } from "../history/recorder.ts";
import { monotonic } from "../std/clock.ts";
import { identify, signal as send } from "../std/process-identity.ts";
import type { Delivery, Settlement, Work } from "../systems/contract.ts";
import { plannedError, workScript } from "./load/work-script.ts";
import type { Member } from "./member.ts";
import type { Stretches } from "./stretch.ts";

export function handlingBy(
  { assignment: { load, seed }, counts }: Pick<Member, "assignment" | "counts">,
  recorder: Recorder,
  stretch: Pick<Stretches, "starts" | "moves">,
): Work {
  const script = workScript(load, seed);

  const handle = async ({ payload, attempt }: Delivery, signal: AbortSignal): Promise<void> => {
    const job = script.decode(payload);
    if (job === undefined) {
      recorder.append("corrupt", { job: script.origin(payload) ?? noJob, attempt });
      counts.started++;
      counts.failed++;
      await recorder.commit();
      throw new Error("no job of the run has this payload");
    }
    stretch.starts();
    recorder.append("start", { job, attempt });
    counts.started++;
    await recorder.commit(); // on file before the body begins
    const planned = script.plannedFailures(job);
    if (planned === killsItsWorker) return die();
    const micros = script.micros(job);
    if (micros >= 1000) {
      const withdrawn = (): void => recorder.append("aborted", { job, attempt });
      signal.addEventListener("abort", withdrawn, { once: true });
      await monotonic.until(monotonic.nowNs() + micros * 1000);
      signal.removeEventListener("abort", withdrawn);
    }
    const fails = attempt <= planned;
    recorder.append(fails ? "failed" : "end", { job, attempt });
    counts[fails ? "failed" : "ended"]++;
    if (fails && attempt >= load.retries.attempts) counts.failedForGood++;
    stretch.moves();
    await recorder.commit(); // on file before the system learns of it
    if (fails) throw new Error(plannedError(job, attempt));
  };

  const settled = ({ payload, attempt }: Delivery, settlement: Settlement): void => {
    const job = script.decode(payload) ?? noJob;
    if (settlement.settlement === "accepted") {
      recorder.append("accepted", { job, attempt, code: settlement.as === "done" ? 0 : 1 });
      counts.settled++;
      stretch.moves();
    } else {
      const kind = settlement.settlement === "refused" ? "settlementRefused" : "settlementUnknown";
      recorder.append(kind, { job, attempt });
    }
  };

  return { handle, settled, concurrency: load.concurrency };
}

/**
 * Like a handler that takes all memory: the process is gone in the middle of everything, and of every other job in it.
 */
function die(): Promise<never> {
  const self = identify(process.pid);
  if (self !== undefined) send(self, "SIGKILL");
  return new Promise(() => {}); // it has no end of its own
}
