/** The store goes away for everybody, in order or by a crash, and comes back on what it had put on disk. */
import { z } from "zod";
import { endedLives, keptMs, mayForgetMs } from "../../history/journal.ts";
import type { Resource } from "../../history/resource.ts";
import { eventually } from "../../std/deadline.ts";
import { takeCanaries, startCanaries } from "../canary.ts";
import type { Address, Fault, Planned, StoreLever } from "../contract.ts";
import { drawLasting, lastsMs } from "../lasting.ts";
import { openProbe, refusal } from "../levers/probe.ts";
import { expectEnded, factsOf, meetAtStore } from "../meeting.ts";
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
const lookMs = 3000;
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
  meet: ({ lastsMs: forMs }, { store }, stop) => meetAtStore(store, forMs, stop),
  async arm({ lastsMs: forMs, how }, { store }, stop) {
    const lives = (await infoOf(store, stop)).map(lifeOf);
    using _ = how === "crash" ? await startCanaries(store.nodes, lives, stop) : undefined;
    const met = await meetAtStore(store, forMs, stop);
    const before = await infoOf(store, stop);
    await store.stop(how);
    const forgets = Math.max(...before.map((info) => forgetsMs(info, how)));
    return (abandoned) =>
      prove(
        async () => {
          for (const node of store.nodes) {
            const refused = await refusal(node);
            if (refused !== gone) throw new Error(`a new connection to the store was ${refused ?? "accepted"}`);
          }
          const facts = { how, connect: gone, [endedLives]: lives.join(" "), ...factsOf(met), ...expectEnded(met) };
          return { ...facts, ...(forgets > 0 && { [mayForgetMs]: forgets }) };
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
        const running = (await infoOf(store, stop)).map(lifeOf).join(" ");
        return { answers: "PONG", running, [keptMs]: await takeCanaries(store.nodes).catch(() => ({})) };
      },
      backMs,
      stop,
    ),
};

/** A number or a name that a server tells of itself. */
type Info = (field: string) => string | undefined;

const infoOf = ({ nodes }: StoreLever, stop: AbortSignal): Promise<readonly Info[]> =>
  together(nodes.map((node) => tellsOf(node, stop)));

const tellsOf = (node: Address, stop: AbortSignal): Promise<Info> =>
  eventually(
    async () => {
      const [policy = "", info = ""] = await lookAt(node, stop).catch(() => []);
      const tells: Info = (field) => new RegExp(`^${field}:(\\S+)`, "m").exec(`appendfsync:${policy}\n${info}`)?.[1];
      return tells("run_id") !== undefined && tells;
    },
    { deadlineMs: backMs, awaited: `the store on port ${node.port} to tell of itself`, stop },
  );

/**
 * Its policy of syncing, or an error where it does not tell, and then all else: what it had answered by now is in its
 * log, unless a sync is under way.
 */
async function lookAt(node: Address, stop: AbortSignal): Promise<readonly string[]> {
  using probe = await openProbe(node);
  probe.say("CONFIG GET appendfsync");
  probe.say("INFO");
  const replies: string[] = [];
  await eventually(
    () => {
      for (let reply = probe.heard(); reply !== undefined; reply = probe.heard()) replies.push(reply);
      return replies.at(-1)?.includes("run_id:") === true || probe.ended() !== undefined;
    },
    { deadlineMs: lookMs, awaited: `INFO of the store on port ${node.port}`, stop, everyMs: 2 },
  );
  return replies.slice(-2);
}

/** Another one for each start of a server: evidence of the stop and of the return must not name the same. */
const lifeOf = (tells: Info): string => tells("run_id") ?? "";

/** While a sync each second is under way, Redis postpones its writes for that long, and answers. */
const postponedMs = 2000;

/**
 * Until its end, a sync may have begun: what it answered before the look is in its log, what it answered after that
 * need not be.
 */
const sinceLookMs = 1;

/** How much of what it answered it may not know when it is back. */
function forgetsMs(tells: Info, how: StopPlan["how"]): number {
  if (tells("aof_enabled") !== "1") return 1000 * (1 + Number(tells("uptime_in_seconds")));
  if (how === "shutdown" || tells("appendfsync") === "always") return 0;
  return Number(tells("aof_pending_bio_fsync")) > 0 ? postponedMs : sinceLookMs;
}
