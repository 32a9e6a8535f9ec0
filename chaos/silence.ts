/** Links on which nobody gets an error, only silence: in one direction or in both. */
import { monotonic, pause } from "../std/clock.ts";
import type { Direction } from "./contract.ts";
import { openProbe } from "./levers/probe.ts";
import { directly, withKey, type LinkTrouble } from "./links.ts";

/** A healthy link answers in well under a millisecond. */
const silenceMs = 1000;

/**
 * Keys of ours expire by themselves, should they arrive after all once they were removed; but not while they are looked
 * for by a store whose clock another fault drives ahead by an hour.
 */
const expireSeconds = 7200;

/** Sockets stay and new ones are accepted; what goes these ways is lost. */
export function silence(...ways: readonly Direction[]): LinkTrouble {
  const arriving = ways.includes("requests") ? 0 : 2;
  return {
    ...(ways.includes("replies") && { own: "hear nothing" }),
    begin: (link, lever) =>
      lever.put(
        link,
        ways.map((way) => ({ kind: "silence", way })),
      ),
    /** Both connections write a key and hear nothing, and the store holds either both or none. */
    async witness(link, before, stop) {
      using fresh = await openProbe(link.listen);
      return await withKey(link.upstream, (first) =>
        withKey(link.upstream, async (second) => {
          before.say(`SET ${first} 1 EX ${expireSeconds}`);
          fresh.say(`SET ${second} 1 EX ${expireSeconds}`);
          await pause(monotonic, silenceMs, stop);
          stop.throwIfAborted(); // so short a silence is none
          for (const [name, probe] of Object.entries({
            "a connection that was open before": before,
            "a new connection": fresh,
          })) {
            const ended = probe.ended();
            if (ended !== undefined) throw new Error(`${name} ended: ${ended}`);
            const reply = probe.heard();
            if (reply !== undefined) throw new Error(`${name} was answered: ${reply}`);
          }
          // One by one: a node of a cluster takes no two keys in a command.
          const held = [await directly(link, `EXISTS ${first}`), await directly(link, `EXISTS ${second}`)];
          const arrived = held.filter((answer) => answer === ":1").length;
          if (arrived !== arriving)
            throw new Error(`of two keys written through it the store holds ${arrived}, and not ${arriving}`);
          return { silentMs: silenceMs, written: 2, arrived: arriving };
        }),
      );
    },
  };
}
