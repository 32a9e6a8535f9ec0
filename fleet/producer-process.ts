/** A producer: open loop. It sends what is due when it is due, waits for no answer before the next, and never skips. */
import { printsOf } from "../history/receipts.ts";
import { alwaysFails } from "../history/record.ts";
import { monotonic } from "../std/clock.ts";
import type { Job } from "../systems/contract.ts";
import { arrivals } from "./load/arrivals.ts";
import { lastSent } from "./load/resume.ts";
import { workScript } from "./load/work-script.ts";
import { member } from "./member.ts";
import type { Order } from "./messages.ts";
import { recording } from "./recording.ts";

/** Jobs handed to the system in one call, when as many are due. */
const batchJobs = 200;
/** Calls under way where jobs are sent as fast as the system takes them. */
const callsAtOnce = 4;

/** A job, and when it is to be sent. */
interface Due {
  readonly job: number;
  readonly dueNs: number;
}

/** Jobs `first`, `first + step`, ... below `end`, each at its time. */
interface Schedule {
  readonly first: number;
  readonly step: number;
  readonly end: number;
  dueNs(job: number): number;
}

member(async (self) => {
  const { assignment, counts, leaving } = self;
  const { load, seed, slot, earlierFiles } = assignment;
  const { recorder, connect } = await recording(self);
  const connection = await connect();
  const script = workScript(load, seed);
  const priorities = Object.keys(load.priorities ?? {});

  const announce = ({ job, dueNs }: Due): void => {
    const delayMs = script.delayMs(job);
    recorder.append("send", {
      job,
      attempt: priorities.indexOf(script.priority(job) ?? "") + 1,
      code: Math.min(script.plannedFailures(job), alwaysFails),
      micros: script.micros(job),
      aux: dueNs,
    });
    if (delayMs > 0) recorder.append("delayed", { job, micros: delayMs * 1000 });
  };

  const jobOf = (job: number): Job => {
    const delayMs = script.delayMs(job);
    const priority = script.priority(job);
    return {
      payload: script.payload(job),
      ...(delayMs === 0 ? {} : { delayMs }),
      ...(priority === undefined ? {} : { priority }),
    };
  };

  /** Resolves when it is on file, which it is before it is on the wire; `answered` when its receipts are. */
  const send = async (batch: readonly Due[]): Promise<{ readonly answered: Promise<void> }> => {
    for (const due of batch) announce(due);
    counts.sent += batch.length;
    await recorder.commit();
    return { answered: enqueue(batch) };
  };

  const enqueue = async (batch: readonly Due[]): Promise<void> => {
    const receipts = await connection.enqueue(batch.map(({ job }) => jobOf(job)));
    for (const [index, { job }] of batch.entries()) {
      const receipt = receipts[index];
      const outcome = receipt?.outcome ?? "unknown";
      recorder.append(outcome, { job, ...(receipt?.outcome === "ok" ? printsOf(receipt.id) : {}) });
      counts[outcome === "ok" ? "acknowledged" : outcome]++;
    }
    await recorder.commit();
  };

  /** Resolves when all that was sent is answered: whether that is all, or it is to leave. */
  const openLoop = async ({ first, step, end, dueNs }: Schedule): Promise<boolean> => {
    const open = new Set<Promise<void>>();
    let next = first;
    while (next < end && !leaving.aborted) {
      const now = monotonic.nowNs();
      const batch: Due[] = [];
      for (let due = dueNs(next); due <= now && batch.length < batchJobs && next < end; due = dueNs(next)) {
        batch.push({ job: next, dueNs: due });
        counts.behindMs = (now - due) / 1e6;
        next += step;
      }
      if (batch.length === 0) {
        await monotonic.until(dueNs(next), leaving);
        continue;
      }
      const { answered } = await send(batch);
      const sending = answered.finally(() => open.delete(sending));
      open.add(sending);
    }
    await Promise.all(open);
    return next >= end;
  };

  /** As fast as the system takes them. */
  const closedLoop = async (from: number, to: number): Promise<boolean> => {
    let next = from;
    const calls = async (): Promise<void> => {
      while (next < to && !leaving.aborted) {
        const first = next;
        next = Math.min(to, next + batchJobs);
        const dueNs = monotonic.nowNs();
        await (
          await send(Array.from({ length: next - first }, (_, index) => ({ job: first + index, dueNs })))
        ).answered;
      }
    };
    await Promise.all(Array.from({ length: callsAtOnce }, calls));
    return next >= to;
  };

  const carryOut = (order: Order): Promise<boolean> => {
    if (order.do === "enqueue") return closedLoop(order.from, order.to);
    if (order.do === "offer") {
      const { from, to, originNs, seconds } = order;
      const { intendedMs } = arrivals("steady", to - from, seconds, seed);
      return openLoop({ first: from, step: 1, end: to, dueNs: (job) => originNs + intendedMs(job - from) * 1e6 });
    }
    if (order.do !== "run") throw new Error(`a producer cannot ${order.do}`);
    const { intendedMs } = arrivals(load.curve, load.jobs, load.seconds, seed);
    const last = lastSent(earlierFiles);
    const first = last === undefined ? slot : last + load.producers;
    const dueNs = (job: number): number => order.originNs + intendedMs(job) * 1e6;
    return openLoop({ first, step: load.producers, end: load.jobs, dueNs });
  };

  return {
    obey: async (order) => ((await carryOut(order)) ? {} : undefined),
    async leave() {
      await connection[Symbol.asyncDispose]();
      recorder.close();
    },
  };
});
