/** A producer: open loop. It sends what is due when it is due, waits for no answer before the next, and never skips. */
import { alwaysFails } from "../../history/record.ts";
import { monotonic } from "../../std/clock.ts";
import { arrivals } from "./arrivals.ts";
import { child, type Child } from "./child.ts";
import { workScript } from "./work-script.ts";

/** Jobs handed to the system in one call, when as many are due. */
const batchJobs = 200;

child(async ({ assignment, recorder, connection, counts, stop, origin, tell }: Child) => {
  const { load, seed, slot } = assignment;
  const script = workScript(load, seed);
  const { intendedMs } = arrivals(load.curve, load.jobs, load.seconds, seed);
  const originNs = await origin;
  const dueNs = (n: number): number => originNs + intendedMs(n) * 1e6;

  const enqueue = async (batch: readonly number[]): Promise<void> => {
    const receipts = await connection.enqueue(batch.map((n) => ({ payload: script.payload(n) })));
    for (const [index, job] of batch.entries()) {
      const outcome = receipts[index]?.outcome ?? "unknown";
      recorder.append(outcome, { job });
      counts[outcome === "ok" ? "acknowledged" : outcome]++;
    }
    await recorder.commit();
  };

  const open = new Set<Promise<void>>();
  let next = slot;
  while (next < load.jobs && !stop.aborted) {
    const now = monotonic.nowNs();
    const batch: number[] = [];
    for (let due = dueNs(next); due <= now && batch.length < batchJobs && next < load.jobs; due = dueNs(next)) {
      const planned = script.plannedFailures(next);
      recorder.append("send", {
        job: next,
        code: Math.min(planned, alwaysFails),
        micros: script.micros(next),
        aux: due,
      });
      counts.behindMs = (now - due) / 1e6;
      batch.push(next);
      next += load.producers;
    }
    if (batch.length === 0) {
      await monotonic.until(dueNs(next), stop);
      continue;
    }
    counts.sent += batch.length;
    await recorder.commit(); // on file before it is on the wire
    const sending = enqueue(batch).finally(() => open.delete(sending));
    open.add(sending);
  }
  await Promise.all(open);
  tell({ type: "counts", counts });
  tell({ type: "done" });
  await new Promise<void>((resolve) => {
    if (stop.aborted) resolve();
    else stop.addEventListener("abort", () => resolve(), { once: true });
  });
});
