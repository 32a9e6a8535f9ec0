/** Enqueues over HTTP. Only an answer makes a receipt: whoever got none knows nothing. */
import { z } from "zod";
import { messageOf } from "../../std/user-error.ts";
import type { Job, Receipt } from "../contract.ts";

const told = z.union([
  z.object({ status: z.number(), id: z.string(), duplicate: z.boolean().default(false) }),
  z.object({ status: z.number(), detail: z.string() }),
]);
const answer = z.object({ jobs: z.array(told) });

/** The service gives its answer when its own deadline is over; this long after that, nobody waits any more. */
const lateMs = 10_000;

export function httpCaller(url: string, deadlineMs: number): (jobs: readonly Job[]) => Promise<readonly Receipt[]> {
  const unknown = (jobs: readonly Job[], why: string): readonly Receipt[] =>
    jobs.map(() => ({ outcome: "unknown", why }));
  return async (jobs) => {
    try {
      const reply = await fetch(`${url}/queues/job/jobs`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(jobs),
        signal: AbortSignal.timeout(deadlineMs + lateMs),
      });
      const text = await reply.text();
      if (reply.status !== 202 && reply.status !== 207) return unknown(jobs, `${reply.status}: ${text}`);
      return answer.parse(JSON.parse(text)).jobs.map(receiptOf);
    } catch (error) {
      return unknown(jobs, messageOf(error));
    }
  };
}

function receiptOf(one: z.infer<typeof told>): Receipt {
  if ("id" in one) return { outcome: "ok", id: one.id, duplicate: one.duplicate };
  // The service says 504 where it does not know, and all else where it is sure that nothing was written.
  return { outcome: one.status === 504 ? "unknown" : "refused", why: one.detail };
}
