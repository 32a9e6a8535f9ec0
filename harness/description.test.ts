import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { boundsOf } from "../history/bounds.ts";
import { readDescription } from "./description.ts";
import { runDirectory } from "./run-directory.ts";

/** As the first version wrote it, before anything could be left out, or a job be delayed or end its worker. */
const first = {
  format: 1,
  id: "2026-03-14T09-26-53-day-stream",
  startedAt: "2026-03-14T09:26:53.589Z",
  scenario: { name: "day", about: "A day." },
  system: { name: "stream", about: "A queue.", profile: "defaults", settings: {}, tellsSettlements: true },
  claims: { drained: {} },
  exercises: ["drained"],
  seed: "a",
  repeat: "whitewater run day",
  load: {
    curve: "day",
    jobs: 10,
    seconds: 1,
    producers: 1,
    workers: 1,
    concurrency: 1,
    payloadBytes: 50,
    work: { durationMs: [0, 1], failing: 0, alwaysFailing: 0 },
    retries: { attempts: 3, backoffMs: 100 },
  },
  met: { lateShare: 0.01, lateAfterMs: 1000 },
  schedule: [],
  environment: {
    versions: {},
    providers: {},
    store: { profile: "memory", settings: {} },
    paths: {},
    machine: { platform: "linux", cpus: 2, cpu: "a", memoryGiB: 8 },
    commit: null,
  },
};

test("a run of the first version can be judged again: nothing was left out of it", () => {
  const path = mkdtempSync(join(tmpdir(), "whitewater-description-"));
  const directory = runDirectory(path);
  writeFileSync(directory.description, JSON.stringify(first));
  expect(readDescription(directory)).toEqual({
    ...first,
    leftOut: [],
    untaken: [],
    waives: {},
    thresholds: [],
    bounds: boundsOf({ recoveryMs: 60_000, retryMs: 0 }),
  });
  rmSync(path, { recursive: true });
});
