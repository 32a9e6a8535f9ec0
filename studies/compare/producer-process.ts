/** A producer of a comparison: builds a backlog as fast as the system takes it, or offers a steady load open loop. */
import { arrivals } from "../../fleet/load/arrivals.ts";
import { workScript } from "../../fleet/load/work-script.ts";
import { monotonic } from "../../std/clock.ts";
import { member } from "./member.ts";

/** Jobs handed to the system in one call, when as many are due. */
const batchJobs = 200;
/** Calls under way while a backlog is built. */
const callsAtOnce = 4;

member(async ({ assignment: { load, seed }, recorder, connect }) => {
  const connection = await connect();
  const script = workScript(load, seed);

  /** On file before it is on the wire. */
  const send = async (jobs: readonly { readonly job: number; readonly dueNs: number }[]): Promise<void> => {
    for (const { job, dueNs } of jobs) recorder.append("send", { job, micros: script.micros(job), aux: dueNs });
    await recorder.commit();
    const receipts = await connection.enqueue(jobs.map(({ job }) => ({ payload: script.payload(job) })));
    for (const [index, { job }] of jobs.entries()) recorder.append(receipts[index]?.outcome ?? "unknown", { job });
    await recorder.commit();
  };

  const enqueue = async (from: number, to: number): Promise<void> => {
    let next = from;
    const lane = async (): Promise<void> => {
      while (next < to) {
        const first = next;
        next = Math.min(to, next + batchJobs);
        const dueNs = monotonic.nowNs();
        await send(Array.from({ length: next - first }, (_, index) => ({ job: first + index, dueNs })));
      }
    };
    await Promise.all(Array.from({ length: callsAtOnce }, lane));
  };

  const offer = async (from: number, to: number, originNs: number, seconds: number): Promise<void> => {
    const { intendedMs } = arrivals("steady", to - from, seconds, seed);
    const dueNs = (job: number): number => originNs + intendedMs(job - from) * 1e6;
    const open = new Set<Promise<void>>();
    for (let next = from; next < to;) {
      const now = monotonic.nowNs();
      const batch: { readonly job: number; readonly dueNs: number }[] = [];
      for (let due = dueNs(next); due <= now && batch.length < batchJobs && next < to; due = dueNs(++next))
        batch.push({ job: next, dueNs: due });
      if (batch.length === 0) {
        await monotonic.until(dueNs(next));
        continue;
      }
      const sending = send(batch).finally(() => open.delete(sending));
      open.add(sending);
    }
    await Promise.all(open);
  };

  return {
    async obey(order) {
      if (order.do === "enqueue") await enqueue(order.from, order.to);
      else if (order.do === "offer") await offer(order.from, order.to, order.originNs, order.seconds);
      else throw new Error(`a producer cannot ${order.do}`);
      return undefined;
    },
    leave: async () => connection[Symbol.asyncDispose](),
  };
});
