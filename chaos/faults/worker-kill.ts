/** A worker dies at once, with everything that it had in hand; the harness starts another one in its place. */
import { z } from "zod";
import type { Resource } from "../../history/journal.ts";
import { isAlive } from "../../std/process-identity.ts";
import type { Fault, Planned, ProcessHolder } from "../contract.ts";
import { bitMs, prove } from "../proof.ts";

export interface KillPlan extends Planned {
  readonly touches: readonly [Resource];
}

/** It is over in no time; this much is kept clear of other faults on the same worker. */
const lastsMs = 200;
/** Longer than any other fault in whose shadow the replacement may start. */
const replacedMs = 60_000;

const options = z.strictObject({});

export const workerKill: Fault<z.infer<typeof options>, KillPlan, "process"> = {
  about:
    "Kills one worker process with SIGKILL; another is started in its place. So ends a process that ran out of memory, or whose machine is gone: in the middle of its jobs, and without a word to the queue.",
  effect: "killed",
  needs: ["process"],
  options,
  plan: (_options, { workers }, random) => ({
    lastsMs,
    touches: [`worker:${random.fork("worker").below(workers)}`],
    relies: [],
  }),
  async arm({ touches: [slot] }, levers) {
    const holder = levers.process.holder(slot);
    if (holder === undefined) throw new Error(`nobody holds ${slot}`);
    if (!levers.process.signal(holder.identity, "SIGKILL")) throw new Error(`the process in ${slot} was gone already`);
    return (stop) =>
      prove(
        async () => {
          if (isAlive(holder.identity)) throw new Error(`process ${holder.identity.pid} in ${slot} still lives`);
          return { killed: holder.identity.pid, incarnation: holder.incarnation };
        },
        bitMs(lastsMs),
        stop,
      );
  },
  heal: ({ touches: [slot] }, levers, stop) =>
    prove(
      async () => {
        const { identity, incarnation } = await levers.process.replacement(slot, anybody, stop);
        // The supervisor may not have heard yet that the one before is dead.
        if (!isAlive(identity)) throw new Error(`process ${identity.pid} in ${slot} is dead`);
        return { ready: identity.pid, incarnation };
      },
      replacedMs,
      stop,
    ),
};

/** Whoever is ready in the slot follows this one. */
const anybody: ProcessHolder = { identity: { pid: 0, startedAt: "" }, incarnation: -1 };
