import { expect, test } from "vitest";
import type { JournalEntry } from "../../history/journal.ts";
import type { Resource } from "../../history/resource.ts";
import type { Clock } from "../../std/clock.ts";
import { watchHealth, type Ailment, type HealthSubject } from "./health.ts";

type Seen = Awaited<ReturnType<HealthSubject["look"]>>;
const ill = (kind: string, fatal = false): Ailment => ({ kind, what: `it has ${kind}`, ...(fatal && { fatal }) });

/**
 * Watches one subject that is seen so, one look after the other, each a second after the one before; then the watch
 * ends.
 */
async function watched(
  looks: readonly (Seen | ((touched: (resource: Resource) => boolean) => Seen))[],
  { hits = [] as readonly number[], write = (): void => {} } = {},
) {
  const lines: JournalEntry[] = [];
  const lost: string[] = [];
  let second = 0;
  let looked = 0;
  let disposed = false;
  const lastButOne = Promise.withResolvers<void>();
  const clock: Clock = {
    nowNs: () => second * 1e9,
    async until(_ns, over) {
      second++;
      if (looked < looks.length - 1 || over?.aborted) return;
      lastButOne.resolve();
      await new Promise<void>((resolve) => over?.addEventListener("abort", () => resolve()));
    },
  };
  const subject: HealthSubject = {
    of: "store",
    async look(touched) {
      const next = looks[Math.min(looked++, looks.length - 1)] ?? "well";
      return typeof next === "function" ? next(touched) : next;
    },
    [Symbol.dispose]: () => void (disposed = true),
  };
  const health = watchHealth([subject], {
    clock,
    journal: {
      write(line) {
        write();
        lines.push(line);
      },
    },
    touched: (_resource, sinceNs) => hits.some((at) => at * 1e9 >= sinceNs),
    lost(why) {
      lost.push(why);
      lastButOne.resolve();
    },
  });
  await lastButOne.promise;
  const failed = await Promise.resolve(health[Symbol.asyncDispose]()).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { lines, lost, looked, disposed, failed };
}

test("trouble counts from the last look at which all was well, and is told once for each kind", async () => {
  const { lines, lost, disposed } = await watched(["well", "well", ill("a"), ill("a"), ill("b"), ill("a")]);
  expect(lines).toEqual([
    { type: "trouble", of: "store", what: "it has a", from: 1e9 },
    { type: "trouble", of: "store", what: "it has b", from: 1e9 },
  ]);
  expect(lost).toEqual([]);
  expect(disposed).toBe(true);
});

test("what a fault explains is no trouble, and proves no health", async () => {
  const { lines } = await watched(["well", "explained", "explained", ill("a"), ill("a")]);
  expect(lines).toMatchObject([{ from: 0 }]);
});

test("a fault counts from the look before on: one that came and went between two looks as well", async () => {
  const seen: boolean[] = [];
  const look = (touched: (resource: Resource) => boolean): Seen => {
    seen.push(touched("store"));
    return "well";
  };
  await watched([look, look, look, look], { hits: [1.5] });
  // At 0, 1, 2 and 3 s, each since the look before.
  expect(seen).toEqual([true, true, true, false]);
});

test("the last look is after the end, unless it was not well before", async () => {
  expect(await watched(["well", "well", ill("late")])).toMatchObject({ looked: 3, lines: [{ what: "it has late" }] });
  expect(await watched(["well", ill("a")])).toMatchObject({ looked: 2 });
});

test("what does not come back ends the run", async () => {
  const { lost, lines } = await watched(["well", ill("died", true), "well"]);
  expect(lost).toEqual(["it cannot go on without its store"]);
  expect(lines).toHaveLength(1);
});

test("a journal that cannot be written ends the run, and is no health", async () => {
  const full = (): never => {
    throw new Error("ENOSPC: no space left on device");
  };
  const { lost, failed, disposed } = await watched(["well", ill("a"), "well"], { write: full });
  expect(lost).toEqual(["ENOSPC: no space left on device"]);
  expect(failed).toMatchObject({ message: "ENOSPC: no space left on device" });
  expect(disposed).toBe(true);
});
