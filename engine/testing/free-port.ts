/**
 * A port for a server of a test's own, below the range that outgoing connections take theirs from: there, a client that
 * tries a closed port again and again may be connected to itself.
 */
import { randomInt } from "node:crypto";

const lowest = 10_000;
/** A node of a cluster takes the one that is 10,000 above its own as well. */
const highest = 22_000;
const tries = 20;

/** Calls `start` with one port after another for as long as it answers that it is taken. */
export async function onFreePort<T>(start: (port: number) => Promise<T | "taken">): Promise<T> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const started = await start(randomInt(lowest, highest + 1));
    if (started !== "taken") return started;
  }
  throw new Error(`found no free port between ${lowest} and ${highest} in ${tries} tries`);
}
