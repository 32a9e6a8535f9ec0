/**
 * A worker: lets the system call its handler, which runs each job's seeded script and puts everything on file first. It works
 * while it is told to, on a connection of its own for each stretch, so that it asks nothing of a system but what a run asks.
 */
import { killsItsWorker, noJob } from "../history/record.ts";
import { monotonic } from "../std/clock.ts";
import { identify, signal as send } from "../std/process-identity.ts";
import type { Connection, Delivery, Settlement } from "../systems/contract.ts";
import { plannedError, workScript } from "./load/work-script.ts";
import { member } from "./member.ts";
import { recording } from "./recording.ts";
import { stretches } from "./stretch.ts";

member(async (self) => {
  const { assignment, counts, end } = self;
  const { load, seed } = assignment;
  const { recorder, connect, tellsSettlements } = await recording(self);
  const script = workScript(load, seed);
  const stretch = stretches(() => (tellsSettlements ? counts.settled : counts.ended + counts.failedForGood));

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
      recorder.append(settlement.settlement === "refused" ? "settlementRefused" : "settlementUnknown", {
        job,
        attempt,
      });
    }
  };

  // The first one is there when it says that it is ready.
  let idle: Connection | undefined = await connect();
  let working: { readonly stop: AbortController; readonly over: Promise<void> } | undefined;

  const work = async (): Promise<void> => {
    const connection = idle ?? (await connect());
    idle = undefined;
    const stop = new AbortController();
    const until = async (): Promise<void> => {
      await connection.work({ handle, settled, concurrency: load.concurrency }, stop.signal);
      await recorder.commit();
      await connection[Symbol.asyncDispose]();
    };
    const over = until();
    working = { stop, over };
    over.then(() => {
      if (!stop.signal.aborted) end();
    }, end);
  };

  const rest = async (): Promise<void> => {
    const resting = working;
    working = undefined;
    resting?.stop.abort();
    await resting?.over;
  };

  return {
    async obey(order) {
      if (order.do === "work") {
        stretch.begin(order.measured);
        await work();
        return {};
      }
      if (order.do !== "rest") throw new Error(`a worker cannot ${order.do}`);
      await rest();
      return stretch.end();
    },
    async leave() {
      await rest();
      await idle?.[Symbol.asyncDispose]();
      recorder.close();
    },
  };
});

/** Like a handler that takes all memory: the process is gone in the middle of everything, and of every other job in it. */
function die(): Promise<never> {
  const self = identify(process.pid);
  if (self !== undefined) send(self, "SIGKILL");
  return new Promise(() => {}); // it has no end of its own
}
