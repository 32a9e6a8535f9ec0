/** A producer: it sends what is due when it is due, waits for no answer before the next, and never skips. */
import { arrivals } from "./load/arrivals.ts";
import { lastSent } from "./load/resume.ts";
import { member } from "./member.ts";
import type { Order } from "./messages.ts";
import { recording } from "./recording.ts";
import { sendingBy } from "./sending.ts";

member(async (self) => {
  const { load, seed, slot, earlierFiles } = self.assignment;
  const { recorder, connect } = await recording(self);
  const connection = await connect();
  const sending = sendingBy(self, recorder, connection);

  const carryOut = (order: Order): Promise<boolean> => {
    if (order.do === "enqueue") return sending.closedLoop(order.from, order.to);
    if (order.do === "offer") {
      const { from, to, originNs, seconds } = order;
      const { intendedMs } = arrivals("steady", to - from, seconds, seed);
      const dueNs = (job: number): number => originNs + intendedMs(job - from) * 1e6;
      return sending.openLoop({ first: from, step: 1, end: to, dueNs });
    }
    if (order.do !== "run") throw new Error(`a producer cannot ${order.do}`);
    const { intendedMs } = arrivals(load.curve, load.jobs, load.seconds, seed);
    const last = lastSent(earlierFiles);
    const first = last === undefined ? slot : last + load.producers;
    const dueNs = (job: number): number => order.originNs + intendedMs(job) * 1e6;
    return sending.openLoop({ first, step: load.producers, end: load.jobs, dueNs });
  };

  return {
    obey: async (order) => ((await carryOut(order)) ? {} : undefined),
    async leave() {
      await connection[Symbol.asyncDispose]();
      recorder.close();
    },
  };
});
