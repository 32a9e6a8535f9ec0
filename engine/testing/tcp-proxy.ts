/** A TCP proxy inside a test: passes bytes on, swallows replies, swallows everything, or closes the door. */
import { once } from "node:events";
import { createConnection, createServer, type Socket } from "node:net";
import { onFreePort } from "./free-port.ts";

/**
 * `drop-replies`: what the client sends arrives, what comes back does not.
 * `black-hole`: nothing passes, new connections are accepted, none is closed.
 * `refuse`: connections are closed, old and new.
 */
export type ProxyMode = "pass" | "drop-replies" | "black-hole" | "refuse";

export interface TcpProxy extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** Black-holed connections stay dead when bytes pass again, as they would on a network that lost them. */
  set(mode: ProxyMode): void;
  /** How many pieces of reply were swallowed so far. */
  readonly dropped: number;
  /** Closes every connection. */
  cut(): void;
}

export function startProxy(upstream: { readonly host: string; readonly port: number }): Promise<TcpProxy> {
  return onFreePort((port) => listen(port, upstream));
}

async function listen(
  port: number,
  upstream: { readonly host: string; readonly port: number },
): Promise<TcpProxy | "taken"> {
  const host = "127.0.0.1";
  let mode: ProxyMode = "pass";
  let dropped = 0;
  const sockets = new Set<Socket>();
  const track = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {}).once("close", () => sockets.delete(socket));
  };

  const server = createServer((client) => {
    track(client);
    if (mode === "refuse") return void client.destroy();
    if (mode === "black-hole") return void client.resume();
    const store = createConnection({ host: upstream.host, port: upstream.port });
    track(store);
    let dead = false;
    const passes = (): boolean => {
      dead ||= mode === "black-hole";
      return !dead;
    };
    client.on("data", (bytes) => void (passes() && store.write(bytes)));
    store.on("data", (bytes) => {
      if (!passes()) return;
      if (mode === "drop-replies") dropped++;
      else client.write(bytes);
    });
    client.once("close", () => store.destroy());
    store.once("close", () => void (passes() && client.destroy()));
  });
  server.listen(port, host);
  try {
    await once(server, "listening");
  } catch {
    return "taken";
  }
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    host,
    port,
    get dropped() {
      return dropped;
    },
    set(next) {
      mode = next;
      if (next === "refuse") cut();
    },
    cut,
    async [Symbol.asyncDispose]() {
      cut();
      const closed = once(server, "close");
      server.close();
      await closed;
    },
  };
}
