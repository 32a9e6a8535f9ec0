/**
 * A raw connection that speaks just enough of the Redis protocol to tell what a link does to it. A client library would
 * reconnect, queue and resend, and so hide what is to be proven.
 */
import { once } from "node:events";
import { connect } from "node:net";
import { eventually, within } from "../../std/deadline.ts";
import { messageOf } from "../../std/user-error.ts";
import type { Address } from "../contract.ts";

export interface Probe extends Disposable {
  /** One command as words with single blanks between them. */
  say(command: string): void;
  /** The next reply that was not yet heard; undefined when there is none now. */
  heard(): string | undefined;
  /** Bytes that came so far. */
  received(): number;
  /** How the connection ended: `end`, or an error's code. Undefined while it lasts. */
  ended(): string | undefined;
  /** @throws Error when no reply came in time, the connection ended, or the reply is an error */
  ask(command: string): Promise<string>;
}

/** Ages for a store that is well; whatever fails by it is tried again. */
const answerMs = 3000;

/** @throws Error naming why there is no connection, such as ECONNREFUSED */
export async function openProbe({ host, port }: Address): Promise<Probe> {
  const socket = connect({ host, port, noDelay: true });
  const replies: string[] = [];
  let text = "";
  let received = 0;
  let ended: string | undefined;
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    received += chunk.length; // a character each in this encoding
    text = takeReplies(text + chunk, replies);
  });
  socket.on("error", (error: NodeJS.ErrnoException) => (ended ??= error.code ?? error.message));
  socket.on("close", () => (ended ??= "end"));
  try {
    await within(once(socket, "connect"), answerMs, `a connection to ${host}:${port}`);
  } catch (thrown) {
    socket.destroy();
    throw thrown;
  }
  const say = (command: string): void => void socket.write(`${command}\r\n`);
  const heard = (): string | undefined => replies.shift();
  return {
    say,
    heard,
    received: () => received,
    ended: () => ended,
    async ask(command) {
      say(command);
      const reply = await eventually(() => heard() ?? (ended !== undefined && `-${ended}`), {
        deadlineMs: answerMs,
        awaited: `an answer to "${command}" from ${host}:${port}`,
        everyMs: 2,
      });
      if (reply.startsWith("-")) throw new Error(`${host}:${port} said ${reply.slice(1)}`);
      return reply;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** One question on a connection of its own. */
export async function askOnce(address: Address, command: string): Promise<string> {
  using probe = await openProbe(address);
  return await probe.ask(command);
}

/** Why no connection is accepted there, such as ECONNREFUSED; undefined when one is. */
export async function refusal(address: Address): Promise<string | undefined> {
  try {
    using probe = await openProbe(address);
    return probe.ended();
  } catch (thrown) {
    return thrown instanceof Error && "code" in thrown ? String(thrown.code) : messageOf(thrown);
  }
}

/** Moves whole replies out of the text: one line, or a bulk of the announced length. Returns what is left. */
function takeReplies(text: string, replies: string[]): string {
  for (;;) {
    const lineEnd = text.indexOf("\r\n");
    if (lineEnd < 0) return text;
    const line = text.slice(0, lineEnd);
    const length = line.startsWith("$") ? Number(line.slice(1)) : -1;
    const from = lineEnd + 2;
    if (length < 0) {
      replies.push(line);
      text = text.slice(from);
    } else {
      if (text.length < from + length + 2) return text;
      replies.push(text.slice(from, from + length));
      text = text.slice(from + length + 2);
    }
  }
}
