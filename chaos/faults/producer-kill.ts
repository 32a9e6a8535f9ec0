/** A producer dies in the midst of its sending; the harness starts another one in its place. */
import { killFault } from "../slots.ts";

export const producerKill = killFault(
  "producer",
  "Kills one producer process with SIGKILL while it sends; another goes on in its place. Of what it had sent and no answer to, nobody knows whether it arrived; and a batch that was under way may be there in part.",
);
