/** A redis-server of a test's own whose clock the test sets wrong. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeOffset } from "../chaos/levers/clock.ts";
import { clockShim } from "../harness/environment/clock-shim.ts";
import { startRedis, type TestRedis } from "../engine/testing/redis.ts";

export interface BentRedis extends TestRedis {
  /** From now on its clock is so far ahead of the true one, or behind it. */
  bend(offsetMs: number): void;
}

export const clocksBend = (): boolean => "path" in clockShim();

export async function startBentRedis(): Promise<BentRedis> {
  const shim = clockShim();
  if ("unavailable" in shim) throw new Error(shim.unavailable);
  const directory = await mkdtemp(join(tmpdir(), "whitewater-clock-"));
  const file = join(directory, "clock");
  writeOffset(file, 0, "w");
  const redis = await startRedis([], { LD_PRELOAD: shim.path, WHITEWATER_CLOCK_FILE: file });
  return {
    ...redis,
    bend: (offsetMs) => writeOffset(file, offsetMs, "r+"),
    async [Symbol.asyncDispose]() {
      await redis[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
