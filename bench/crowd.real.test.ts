/**
 * The service at its limits, with a part of the crowd that `npm run bench -- crowd` has: memory, losses and the time to
 * stop are looked at there.
 */
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { crowded } from "./crowd.ts";

const untold = existsSync("/proc/self/status") ? "" : ", not tested here: the kernel does not tell a process's memory";

test.skipIf(untold !== "")(`a crowd takes neither the service's memory nor its end${untold}`, async () => {
  const { figures } = await crowded({ letters: 100, slowBodies: 100, idleConnections: 500 }, () => {});
  expect(figures["peakMiB"]).toBeGreaterThan(0);
});
