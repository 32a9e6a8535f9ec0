/** Connections that take the service's time and memory and give it nothing to do: each says a few words, or none. */
import { once } from "node:events";
import { connect, type Socket } from "node:net";

export interface Crowd extends Disposable {
  /** Connections that are still open. */
  open(): number;
}

const atOnce = 200;

/** @param words what each of them says before it falls silent */
export async function crowdOf(port: number, count: number, words: string): Promise<Crowd> {
  const sockets = new Set<Socket>();
  async function one(): Promise<void> {
    const socket = connect({ port, host: "127.0.0.1" });
    sockets.add(socket);
    socket.on("error", () => {}); // it is sent away
    socket.on("close", () => sockets.delete(socket));
    socket.resume();
    await once(socket, "connect");
    if (words !== "") socket.write(words);
  }
  for (let made = 0; made < count; made += atOnce)
    await Promise.all(Array.from({ length: Math.min(atOnce, count - made) }, one));
  return {
    open: () => sockets.size,
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
