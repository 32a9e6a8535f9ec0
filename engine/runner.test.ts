/** Whose a hand is that was kept for somebody, and how long one is taken. */
import { afterEach, expect, test, vi } from "vitest";
import type { Held } from "./entry.ts";
import { jobType } from "./job-type.ts";
import { runnerOf } from "./runner.ts";
import type { Verdict } from "./settlement.ts";

const held = (entry: string): Held => ({ entry, deliveries: 1, meta: `${entry}@1`, payload: entry });
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One hand, in which a job ends when it is told to. */
function single() {
  const handlers = new Map<string, () => void>();
  let freed = 0;
  const handle = ({ payload }: { readonly payload: string }): Promise<void> =>
    new Promise((resolve) => handlers.set(payload, resolve));
  const runner = runnerOf(jobType({ name: "job" }), handle, 1, () => void freed++);
  const { signal } = new AbortController();
  const run = (entry: string, isReserved: boolean): void =>
    runner.run(
      held(entry),
      isReserved,
      signal,
      () => {},
      () => {},
    );
  const end = async (entry: string): Promise<void> => {
    handlers.get(entry)?.();
    await turns();
  };
  return { runner, run, end, freed: () => freed };
}

afterEach(() => {
  vi.useRealTimers();
});

test("how long a handler takes is unknown until one has ended, and follows the last ones", async () => {
  vi.useFakeTimers({ toFake: ["performance"] });
  const { runner, run, end } = single();
  const one = async (ms: number): Promise<void> => {
    run("a", false);
    vi.advanceTimersByTime(ms);
    await end("a");
  };
  expect(runner.runMs).toBe(Infinity);
  await one(1000);
  expect(runner.runMs).toBe(1000);
  for (let runs = 0; runs < 60; runs++) await one(0);
  expect(runner.runMs).toBeLessThan(10);
});

test("the next hand that is free is his who reserved it, before anybody hears of it", async () => {
  const { runner, run, end, freed } = single();
  run("a", false);
  let mine = false;
  const stop = new AbortController();
  void runner.reserve(stop.signal).then((given) => (mine = given));
  await turns();
  expect([mine, runner.free]).toEqual([false, 0]);
  await end("a");
  expect([mine, runner.free, freed()]).toEqual([true, 0, 0]);
  run("b", true);
  expect(runner.free).toBe(0);
  await end("b");
  expect([runner.free, freed()]).toEqual([1, 1]);
});

test("a hand that is given back, or not wanted any more, is the next one's", async () => {
  const { runner, run, end, freed } = single();
  const stop = new AbortController();
  expect(await runner.reserve(stop.signal)).toBe(true);
  const second = runner.reserve(stop.signal);
  runner.giveBack();
  expect([await second, freed()]).toEqual([true, 0]);
  run("a", true);
  const third = runner.reserve(stop.signal);
  stop.abort();
  expect([await third, await runner.reserve(stop.signal)]).toEqual([false, false]);
  await end("a");
  expect([runner.free, freed()]).toEqual([1, 1]);
});

test("a retry without a wait has none, however often it failed", async () => {
  const type = jobType({ name: "job", attempts: 5000, backoff: { baseMs: 0 } });
  const runner = runnerOf(
    type,
    () => Promise.reject(new Error("again")),
    1,
    () => {},
  );
  const waits: unknown[] = [];
  for (const failures of [0, 1, 1023, 1024, 4000]) {
    const over = Promise.withResolvers<Verdict | undefined>();
    const meta = JSON.stringify(["id", failures, 1, []]);
    runner.run({ ...held("a"), meta }, false, new AbortController().signal, over.resolve, () => {});
    const verdict = await over.promise;
    waits.push(verdict?.as === "retry" && verdict.delayMs);
  }
  expect(waits).toEqual([0, 0, 0, 0, 0]);
});
