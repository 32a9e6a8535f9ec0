/**
 * Every connection ends after so many bytes, wherever that is: in the midst of a command, of a pipeline, of an answer.
 */
import { z } from "zod";
import type { Link, Direction } from "../contract.ts";
import { bounds } from "../lasting.ts";
import { openProbe } from "../levers/probe.ts";
import { directly, endOf, linkFault, linkOptions, withKey } from "../links.ts";
import { together } from "../proof.ts";

const options = linkOptions.extend({
  // The least holds one command of the proof.
  bytes: bounds(100).default([300, 6000]).describe("after how many a connection ends: drawn between the two"),
  way: z
    .enum(["requests", "replies", "both", "either"])
    .default("either")
    .describe("in which direction they are counted; either draws one of the three"),
});

export const torn = linkFault({
  about:
    "Ends every connection of one worker, or one producer, after a number of bytes, in the middle of a command or of an answer, and each new one again. Of what was sent together a part is carried out: whoever sends again must know which.",
  effect: "cut-off",
  options,
  draw: ({ bytes: [least, most], way }, random): { readonly bytes: number; readonly ways: readonly Direction[] } => ({
    bytes: random.fork("bytes").between(least, most),
    ways: waysOf[way === "either" ? random.fork("way").pick(["requests", "replies", "both"] as const) : way],
  }),
  trouble: ({ bytes, ways }) => ({
    begin: (link, lever) =>
      lever.put(
        link,
        ways.map((way) => ({ kind: "limit", way, bytes })),
      ),
    async witness(link, before) {
      // More than that in both directions: each question is 6 bytes, each answer 7.
      if (before.ended() === undefined) for (let sent = 0; sent <= bytes; sent += 6) before.say("PING");
      const facts = { before: await endOf(before), bytes };
      return Object.assign(facts, ...(await together<object>(ways.map((way) => tornBy[way](link, bytes)))));
    },
  }),
});

const waysOf = { requests: ["requests"], replies: ["replies"], both: ["requests", "replies"] } as const;

const tornBy = {
  /** Of commands of one size as many were carried out as fit into it whole. */
  async requests(link: Link, bytes: number) {
    using fresh = await openProbe(link.listen);
    return await withKey(link.upstream, async (key) => {
      const command = `INCR ${key}`;
      const whole = Math.floor(bytes / (command.length + 2));
      for (let sent = 0; sent <= whole; sent++) fresh.say(command);
      await endOf(fresh);
      const ran = await directly(link, `GET ${key}`);
      if (ran !== String(whole)) throw new Error(`of ${whole} commands that fit, the store carried out ${ran}`);
      return { sent: whole + 1, carriedOut: whole };
    });
  },
  /** Of a longer answer exactly so much arrived. */
  async replies(link: Link, bytes: number) {
    using fresh = await openProbe(link.listen);
    return await withKey(link.upstream, async (key) => {
      await directly(link, `SETRANGE ${key} ${bytes} .`);
      fresh.say(`GET ${key}`);
      await endOf(fresh);
      if (fresh.received() !== bytes) throw new Error(`of an answer ${fresh.received()} bytes came, and not ${bytes}`);
      return { received: fresh.received() };
    });
  },
} as const satisfies Record<Direction, unknown>;
