/** A producer: open loop. It sends what is due when it is due, waits for no answer before the next, and never skips. */
import { printsOf } from "../history/receipts.ts";
import { alwaysFails } from "../history/record.ts";
import { monotonic } from "../std/clock.ts";
import { aborted } from "../std/deadline.ts";
import type { Job } from "../systems/contract.ts";
import { arrivals } from "./load/arrivals.ts";
import { child, type Child } from "./member.ts";
import { lastSent } from "./load/resume.ts";
import { workScript } from "./load/work-script.ts";

/** Jobs handed to the system in one call, when as many are due. */
const batchJobs = 200;

child(async ({ assignment, recorder, connection, counts, stop, origin, tell }: Child) => {
  const { load, seed, slot, earlierFiles } = assignment;
  const script = workScript(load, seed);
  const priorities = Object.keys(load.priorities ?? {});
  const { intendedMs } = arrivals(load.curve, load.jobs, load.seconds, seed);
  const last = lastSent(earlierFiles);
  let next = last === undefined ? slot : last + load.producers;
  const originNs = await Promise.race([origin, aborted(stop)]);
  if (originNs === undefined) return;
  const dueNs = (n: number): number => originNs + intendedMs(n) * 1e6;

  const enqueue = async (batch: readonly number[]): Promise<void> => {
    const receipts = await connection.enqueue(batch.map(jobOf));
    for (const [index, job] of batch.entries()) {
      const receipt = receipts[index];
      const outcome = receipt?.outcome ?? "unknown";
      recorder.append(outcome, { job, ...(receipt?.outcome === "ok" ? printsOf(receipt.id) : {}) });
      counts[outcome === "ok" ? "acknowledged" : outcome]++;
    }
    await recorder.commit();
  };

  const jobOf = (n: number): Job => {
    const delayMs = script.delayMs(n);
    const priority = script.priority(n);
    return {
      payload: script.payload(n),
      ...(delayMs === 0 ? {} : { delayMs }),
      ...(priority === undefined ? {} : { priority }),
    };
  };

  const announce = (n: number, due: number): void => {
    const delayMs = script.delayMs(n);
    recorder.append("send", {
      job: n,
      attempt: priorities.indexOf(script.priority(n) ?? "") + 1,
      code: Math.min(script.plannedFailures(n), alwaysFails),
      micros: script.micros(n),
      aux: due,
    });
    if (delayMs > 0) recorder.append("delayed", { job: n, micros: delayMs * 1000 });
  };

  const open = new Set<Promise<void>>();
  while (next < load.jobs && !stop.aborted) {
    const now = monotonic.nowNs();
    const batch: number[] = [];
    for (let due = dueNs(next); due <= now && batch.length < batchJobs && next < load.jobs; due = dueNs(next)) {
      announce(next, due);
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
  if (next >= load.jobs) tell({ type: "done" });
  await aborted(stop);
});
