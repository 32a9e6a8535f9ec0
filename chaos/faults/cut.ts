/** A process loses its links: its sockets are closed and new ones refused, while everybody else is well. */
import { directly, linkFault, linkOptions, nothingMore, refused } from "../links.ts";

export const cut = linkFault({
  about:
    "Closes all connections of one worker, or one producer, to the store, and refuses new ones for a while. A worker lives on with what it has in hand, while the queue may take it for dead: so one job comes to be run by two.",
  effect: "cut-off",
  options: linkOptions,
  draw: nothingMore,
  trouble: () => ({
    own: "end",
    begin: (link, lever) => lever.cut(link),
    async witness(link, before) {
      const ended = before.ended();
      if (ended === undefined) throw new Error("a connection that was open before is open still");
      return { before: ended, fresh: await refused(link), direct: await directly(link, "PING") };
    },
  }),
});
