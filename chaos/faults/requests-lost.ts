/** What a process sends is lost on the way, and what the store has to say arrives: it hears, and is not heard. */
import { linkFault, linkOptions, nothingMore } from "../links.ts";
import { silence } from "../silence.ts";

export const requestsLost = linkFault({
  about:
    "Loses everything that one worker, or one producer, sends to the store for a while, without closing a connection. Answers that were under way still arrive, but no command does: whoever takes silence for consent loses jobs.",
  effect: "cut-off",
  options: linkOptions,
  draw: nothingMore,
  trouble: () => silence("requests"),
});
