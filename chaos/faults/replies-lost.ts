/** The cruellest of silences: everything that a process asks for is done, and it never hears so. */
import { linkFault, linkOptions, nothingMore } from "../links.ts";
import { silence } from "../silence.ts";

export const repliesLost = linkFault({
  about:
    "Loses everything that the store answers to one worker, or one producer, for a while: commands arrive and are carried out, and nobody who sent one knows. Whoever takes silence for a refusal does it all twice.",
  effect: "reply-lost",
  options: linkOptions,
  draw: nothingMore,
  trouble: () => silence("replies"),
});
