/** What is short is known before anything is started, all of it at once. */
import { expect, test } from "vitest";
import { day } from "../scenarios/day.ts";
import { expectRoom, shortages, thisMachine, type Machine } from "./machine-limits.ts";

const plenty: Machine = { memoryBytes: 64 * 2 ** 30, descriptors: 1e6, ports: 28_000, diskBytes: 1e12 };
const plan = (workers: number, jobs = 1000) => ({
  scenario: "crowd",
  jobs,
  load: { ...day.load, workers },
  roles: ["commands", "blocking"] as const,
  proxied: [],
});

test("what is short is told in one message, with what would help", () => {
  expect(shortages(plan(4), plenty)).toEqual([]);
  const poor = { memoryBytes: 2 ** 30, descriptors: 64, ports: 100, diskBytes: 2 ** 20 };
  const said = shortages(plan(60, 50_000_000), poor);
  expect(said).toEqual([
    expect.stringMatching(
      /^60 workers and \d producers take [\d,]+ MiB of memory, and here are 1,024 MiB: take fewer$/,
    ),
    expect.stringMatching(/^50000000 jobs take [\d,]+ MiB of memory to be judged.*\(--jobs\)$/),
    expect.stringMatching(/^60 workers .* open files in one process, and 64 are allowed: raise `ulimit -n`/),
    expect.stringMatching(/^60 workers .* ports .*gives out 100/),
    expect.stringMatching(/^the history of 50000000 jobs takes .* --runs$/),
  ]);
  expect(() => expectRoom(plan(60, 50_000_000), poor)).toThrow(
    /^scenario "crowd" is too large for this machine:\n(  - .+\n?){5}$/,
  );
});

test("this machine has room for the main job", () => {
  expect(shortages({ ...plan(day.load.workers, day.load.jobs), load: day.load }, thisMachine("not/there/yet"))).toEqual(
    [],
  );
});
