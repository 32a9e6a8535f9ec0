/** When a process ends whose exit was requested: never before all that work in it are over. */
import { expect, test } from "vitest";
import { processExit } from "./process-exit.ts";

test("an exit that was requested comes when the last worker is over, and no worker's end is over before it", async () => {
  const exit = processExit();
  const [first, second] = [exit.enter(), exit.enter()];
  const seen: string[] = [];
  exit.request(() => seen.push("exit"));
  expect(exit.requested.aborted).toBe(true);
  const over = first().then(() => seen.push("first is over"));
  await Promise.resolve();
  expect(seen).toEqual([]);
  await second();
  await over;
  expect(seen).toEqual(["exit", "first is over"]);
});

test("whoever has a process of his own hears of no other's exit, and his end is his own", async () => {
  const [one, other] = [processExit(), processExit()];
  const leave = other.enter();
  one.enter();
  one.request(() => expect.fail("one of its workers still works"));
  expect(other.requested.aborted).toBe(false);
  await leave();
});
