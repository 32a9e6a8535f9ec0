/**
 * A port for a server of our own, below the range that outgoing connections take theirs from: there, a client that
 * tries a closed port again and again may be connected to itself.
 */
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

const lowest = 10_000;
const highest = 32_000;
const tries = 20;

/**
 * Calls `start` with one free port after another for as long as it answers "taken": between the look and the server's
 * own bind another process may have been quicker.
 */
export async function onFreePort<T>(start: (port: number) => Promise<T | "taken">): Promise<T> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const port = randomInt(lowest, highest + 1);
    if (!(await isFree(port))) continue;
    const started = await start(port);
    if (started !== "taken") return started;
  }
  throw new Error(`found no free port between ${lowest} and ${highest} in ${tries} tries`);
}

/** Whether nobody listens on this port of the local host now. */
async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
