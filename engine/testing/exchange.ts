/** Sends bytes over a socket of its own, in pieces, and hears what comes until the other side is done. */
import { connect } from "node:net";

export interface Exchange {
  readonly port: number;
  readonly bytes: Buffer;
  /** Where it is cut. */
  readonly pieces: readonly number[];
  /** Says that this was all: whoever waits for more hears that there is none. Node does not answer any more then. */
  readonly ends: boolean;
  readonly deadlineMs: number;
}

export function exchange({
  port,
  bytes,
  pieces,
  ends,
  deadlineMs,
}: Exchange): Promise<{ readonly received: Buffer; readonly isOver: boolean; readonly isReset: boolean }> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect({ port, host: "127.0.0.1" });
    const over = (isOver: boolean, isReset = false): void => {
      socket.destroy();
      resolve({ received: Buffer.concat(received), isOver, isReset });
    };
    socket.setNoDelay(true);
    socket.setTimeout(deadlineMs, () => over(false));
    socket.on("data", (piece: Buffer) => received.push(piece));
    socket.on("error", () => over(true, true));
    socket.on("close", () => over(true));
    socket.on("connect", () => {
      let from = 0;
      for (const to of [...pieces, bytes.length]) {
        socket.write(bytes.subarray(from, to));
        from = to;
      }
      if (ends) socket.end();
    });
  });
}
