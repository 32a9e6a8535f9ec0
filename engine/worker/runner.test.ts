/** Whose a slot is that was reserved for somebody, and how long one is taken. */
import { afterEach, expect, test, vi } from "vitest";
import { jobType } from "../job-type.ts";
import type { PendingEntry } from "../redis/entry.ts";
import type { SettlementRequest } from "../redis/settlement.ts";
import { chance } from "../std/random.ts";
import { handlerSlots } from "./handler-slots.ts";
import { hostOf } from "./host.ts";
import { runnerOf } from "./runner.ts";

const held = (entry: string): PendingEntry => ({ entry, deliveries: 1, meta: `${entry}@1`, payload: entry });
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One slot, in which a job ends when it is told to. */
function single() {
  const handlers = new Map<string, () => void>();
  let freed = 0;
  const handle = ({ payload }: { readonly payload: string }): Promise<void> =>
    new Promise((resolve) => handlers.set(payload, resolve));
  const slots = handlerSlots(1);
  slots.onFree(() => void freed++);
  const runner = runnerOf(jobType({ name: "job" }), handle, slots, hostOf());
  const owner = { signal: new AbortController().signal, ended: () => {}, stuck: () => {} };
  const run = (entry: string, isReserved: boolean): void => runner.run(held(entry), isReserved, owner);
  const end = async (entry: string): Promise<void> => {
    handlers.get(entry)?.();
    await turns();
  };
  return { slots, runner, run, end, freed: () => freed };
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
  const { slots, run, end, freed } = single();
  run("a", false);
  let mine = false;
  const stop = new AbortController();
  void slots.reserve(stop.signal).then((given) => (mine = given));
  await turns();
  expect([mine, slots.free]).toEqual([false, 0]);
  await end("a");
  expect([mine, slots.free, freed()]).toEqual([true, 0, 0]);
  run("b", true);
  expect(slots.free).toBe(0);
  await end("b");
  expect([slots.free, freed()]).toEqual([1, 1]);
});

test("a hand that is given back, or not wanted any more, is the next one's", async () => {
  const { slots, run, end, freed } = single();
  const stop = new AbortController();
  expect(await slots.reserve(stop.signal)).toBe(true);
  const second = slots.reserve(stop.signal);
  slots.giveBack();
  expect([await second, freed()]).toEqual([true, 0]);
  run("a", true);
  const third = slots.reserve(stop.signal);
  stop.abort();
  expect([await third, await slots.reserve(stop.signal)]).toEqual([false, false]);
  await end("a");
  expect([slots.free, freed()]).toEqual([1, 1]);
});

test("a retry without a wait has none, however often it failed", async () => {
  const type = jobType({ name: "job", attempts: 5000, backoff: { baseMs: 0 } });
  const runner = runnerOf(type, () => Promise.reject(new Error("again")), handlerSlots(1), hostOf());
  const waits: unknown[] = [];
  for (const failures of [0, 1, 1023, 1024, 4000]) {
    const over = Promise.withResolvers<SettlementRequest | undefined>();
    const meta = JSON.stringify(["id", failures, 1, []]);
    const { signal } = new AbortController();
    const ended = (_: PendingEntry, request: SettlementRequest | undefined): void => over.resolve(request);
    runner.run({ ...held("a"), meta }, false, { signal, ended, stuck: () => {} });
    const request = await over.promise;
    waits.push(request?.as === "retry" && request.delayMs);
  }
  expect(waits).toEqual([0, 0, 0, 0, 0]);
});

test("the jitter of a retry is its chance's, so that the same chance waits the same", async () => {
  const type = jobType({ name: "job", attempts: 5, backoff: { baseMs: 1000 } });
  const waitOf = async (jitter: number): Promise<unknown> => {
    const host = hostOf(undefined, { ...chance, between: (from, to) => from + jitter * (to - from) });
    const runner = runnerOf(type, () => Promise.reject(new Error("again")), handlerSlots(1), host);
    const over = Promise.withResolvers<SettlementRequest | undefined>();
    const { signal } = new AbortController();
    runner.run(held("a"), false, { signal, ended: (_, request) => over.resolve(request), stuck: () => {} });
    const request = await over.promise;
    return request?.as === "retry" && request.delayMs;
  };
  expect([await waitOf(0), await waitOf(0.5), await waitOf(1)]).toEqual([1000, 1250, 1500]);
});
