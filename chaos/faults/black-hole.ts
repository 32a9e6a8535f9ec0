/**
 * A process's links fall silent: its sockets stay open, new ones are accepted, and no byte arrives in either direction.
 */
import { linkFault, linkOptions, nothingMore } from "../links.ts";
import { silence } from "../silence.ts";

export const blackHole = linkFault({
  about:
    "Lets nothing through between one worker, or one producer, and the store for a while, without closing or refusing a connection. Nobody gets an error, only silence: whoever has no deadline of its own waits for ever.",
  effect: "cut-off",
  options: linkOptions,
  draw: nothingMore,
  trouble: () => silence("requests", "replies"),
});
