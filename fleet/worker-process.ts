/**
 * A worker: lets the system call its handler while it is told to work, on a connection of its own for each stretch, so
 * that it asks nothing of a system but what a run asks.
 */
import type { Connection } from "../systems/contract.ts";
import { handlingBy } from "./handling.ts";
import { member } from "./member.ts";
import { recording } from "./recording.ts";
import { stretches } from "./stretch.ts";

member(async (self) => {
  const { counts, end } = self;
  const { recorder, connect, tellsSettlements } = await recording(self);
  const stretch = stretches(() => (tellsSettlements ? counts.settled : counts.ended + counts.failedForGood));
  const handling = handlingBy(self, recorder, stretch);
  // The first one is there when it says that it is ready.
  let idle: Connection | undefined = await connect();
  let working: { readonly stop: AbortController; readonly over: Promise<void> } | undefined;

  const work = async (): Promise<void> => {
    const connection = idle ?? (await connect());
    idle = undefined;
    const stop = new AbortController();
    const until = async (): Promise<void> => {
      await connection.work(handling, stop.signal);
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
