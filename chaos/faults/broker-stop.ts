/** The store goes away for everybody, in order or by a crash, and comes back on what it had put on disk. */
import { z } from "zod";
import type { Resource } from "../../history/journal.ts";
import { eventually } from "../../std/deadline.ts";
import type { Address, Fault, Planned, StoreLever } from "../contract.ts";
import { drawLasting, lastsMs } from "../lasting.ts";
import { askOnce, refusal } from "../levers/probe.ts";
import { bitMs, prove, together } from "../proof.ts";

const options = z.strictObject({
  lastsMs,
  how: z
    .enum(["shutdown", "crash", "either"])
    .default("either")
    .describe(
      "a shutdown puts everything on disk first; a crash leaves what the durability profile had already put there",
    ),
});
type Options = z.infer<typeof options>;

export interface StopPlan extends Planned {
  readonly how: "shutdown" | "crash";
  readonly touches: readonly [Resource];
}

const backMs = 60_000;
const gone = "ECONNREFUSED";

export const brokerStop: Fault<Options, StopPlan, "store"> = {
  about:
    "Stops the store for a while, by a shutdown or a crash, and starts it again on its data. Everybody loses it at once, and has to find the way back without help.",
  effect: "store-away",
  needs: ["store"],
  options,
  plan: ({ lastsMs: bounds, how }, _target, random) => ({
    lastsMs: drawLasting(bounds, random),
    how: how === "either" ? random.fork("how").pick(["shutdown", "crash"]) : how,
    touches: ["store"],
    relies: [],
  }),
  async arm({ lastsMs: forMs, how }, { store }, stop) {
    const stopped = await livesOf(store, stop);
    await store.stop(how);
    return (abandoned) =>
      prove(
        async () => {
          for (const node of store.nodes) {
            const refused = await refusal(node);
            if (refused !== gone) throw new Error(`a new connection to the store was ${refused ?? "accepted"}`);
          }
          return { how, connect: gone, stopped };
        },
        bitMs(forMs),
        abandoned,
      );
  },
  heal: (_plan, { store }, stop) =>
    prove(
      async () => {
        await store.start();
        if (!(await store.answers(1000))) throw new Error("the store does not answer PING");
        return { answers: "PONG", running: await livesOf(store, stop) };
      },
      backMs,
      stop,
    ),
};

/** Another one for each start of a server: evidence of the stop and of the return must not name the same. */
const livesOf = async ({ nodes }: StoreLever, stop: AbortSignal): Promise<string> =>
  (await together(nodes.map((node) => lifeOf(node, stop)))).join(" ");

const lifeOf = (node: Address, stop: AbortSignal): Promise<string> =>
  eventually(
    async () => {
      const info = await askOnce(node, "INFO server").catch(() => "");
      return /^run_id:(\w+)/m.exec(info)?.[1];
    },
    { deadlineMs: backMs, awaited: `the store on port ${node.port} to tell its run_id`, stop },
  );
