/**
 * As when a machine on the way was started anew: every connection ends with a reset, in the midst of whatever it
 * carried.
 */
import { eventually } from "../../std/deadline.ts";
import type { Toxic } from "../contract.ts";
import { directly, linkFault, linkOptions, refused } from "../links.ts";
import { ownFlows } from "../meeting.ts";
import { together } from "../proof.ts";

/** Beforehand, since a connection is reset only if it was opened under them. */
const resets: readonly Toxic[] = [
  { kind: "reset", way: "requests" },
  { kind: "reset", way: "replies" },
];
/** Clients come back at a pace of their own; one that takes longer finds the door closed, and is not reset. */
const backMs = 5000;

export const reset = linkFault({
  about:
    "Ends all connections of one worker, or one producer, with a reset (RST), and refuses new ones for a while. A reset throws away what was received and not yet read: answers that the store gave are lost.",
  effect: "cut-off",
  options: linkOptions,
  draw: (): { readonly raw?: true } => ({ raw: true }),
  trouble: () => ({
    own: "end",
    async prepare(resource, links, lever, stop) {
      const before = new Set(ownFlows(resource, lever).map(({ inode }) => inode));
      await together(links.map((link) => lever.reopen(link, resets)));
      const areBack = (): boolean =>
        ownFlows(resource, lever).filter(({ inode }) => !before.has(inode)).length >= before.size;
      await eventually(areBack, { deadlineMs: backMs, awaited: "those who were connected", stop }).catch(() => {});
    },
    begin: (link, lever) => lever.cut(link),
    async witness(link, before) {
      const ended = before.ended();
      if (ended !== "ECONNRESET")
        throw new Error(`a connection that was open before was not reset: ${ended ?? "it is open still"}`);
      return { before: ended, fresh: await refused(link), direct: await directly(link, "PING") };
    },
  }),
});
