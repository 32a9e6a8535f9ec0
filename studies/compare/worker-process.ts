/**
 * A worker of a comparison: works while it is told to, on a connection of its own for each stretch, so that it asks nothing
 * of a system but what a run asks. Everything is on file first, as in a run.
 */
import { workScript } from "../../fleet/load/work-script.ts";
import { noJob } from "../../history/record.ts";
import { monotonic } from "../../std/clock.ts";
import { beat } from "../../std/turn.ts";
import type { Delivery, Settlement } from "../../systems/contract.ts";
import { member } from "./member.ts";
import type { Turns } from "./messages.ts";
import { turnsNow, turnsSince } from "./turns.ts";

const progressEveryMs = 10;

interface Stretch {
  readonly stop: AbortController;
  readonly over: Promise<void>;
}

member(async ({ assignment: { load, seed }, recorder, connect, tell, tellsSettlements }) => {
  const script = workScript(load, seed);
  const counts = { ended: 0, settled: 0 };
  let stretch: Stretch | undefined;
  let broker: number | undefined;
  let first: Turns | undefined;
  let last: Turns | undefined;
  /** The count at which the stretch is over. */
  let lastAt = 0;

  const begins = (): void => void (first ??= turnsNow(broker));
  const count = (what: keyof typeof counts): void => {
    counts[what]++;
    if (what === (tellsSettlements ? "settled" : "ended") && counts[what] === lastAt) last = turnsNow(broker);
  };

  const handle = async ({ payload, attempt }: Delivery): Promise<void> => {
    const job = script.decode(payload);
    if (job === undefined) {
      recorder.append("corrupt", { job: noJob, attempt });
      await recorder.commit();
      throw new Error("this payload belongs to no job of the comparison");
    }
    begins();
    recorder.append("start", { job, attempt });
    await recorder.commit();
    const micros = script.micros(job);
    if (micros >= 1000) await monotonic.until(monotonic.nowNs() + micros * 1000);
    recorder.append("end", { job, attempt });
    count("ended");
    await recorder.commit();
  };

  const settled = ({ payload, attempt }: Delivery, settlement: Settlement): void => {
    const job = script.decode(payload) ?? noJob;
    if (settlement.settlement === "accepted") {
      recorder.append("accepted", { job, attempt, code: settlement.as === "done" ? 0 : 1 });
      count("settled");
    } else {
      recorder.append(settlement.settlement === "refused" ? "settlementRefused" : "settlementUnknown", {
        job,
        attempt,
      });
    }
  };

  const work = async (): Promise<void> => {
    const connection = await connect();
    const stop = new AbortController();
    let told = 0;
    const telling = beat(progressEveryMs, () => {
      if (counts.ended + counts.settled === told) return;
      told = counts.ended + counts.settled;
      tell({ type: "progress", ...counts });
    });
    const until = async (): Promise<void> => {
      try {
        await connection.work({ handle, settled, concurrency: load.concurrency }, stop.signal);
      } finally {
        telling[Symbol.dispose]();
        await connection[Symbol.asyncDispose]();
        await recorder.commit();
        tell({ type: "progress", ...counts });
      }
    };
    // A system that ends its work with an error ends this process with it, and the driver is told by that.
    const over = until();
    stretch = { stop, over };
  };

  const rest = async (): Promise<void> => {
    const resting = stretch;
    stretch = undefined;
    resting?.stop.abort();
    await resting?.over;
  };

  return {
    async obey(order) {
      if (order.do === "work") {
        broker = order.broker;
        lastAt = order.jobs + (tellsSettlements ? counts.settled : counts.ended);
        first = undefined;
        last = undefined;
        await work();
        return undefined;
      }
      if (order.do !== "rest") throw new Error(`a worker cannot ${order.do}`);
      await rest();
      return first === undefined || last === undefined ? undefined : turnsSince(first, last);
    },
    leave: rest,
  };
});
