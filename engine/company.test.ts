/** Who is alone, who waits for whom, and for how long. */
import { afterEach, expect, test, vi } from "vitest";
import { sleeper } from "./clock.ts";
import { companyOf, type Company } from "./company.ts";

const long = 60_000;
afterEach(() => void vi.useRealTimers());

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const ready = async (): Promise<boolean> => true;
const endless = (): Promise<void> => new Promise(() => {});

/** What it was told, and whether the door was open then. */
function alone(company: Company, patienceMs: number, deed: () => Promise<void> = async () => {}) {
  const said: string[] = [];
  const over = company.alone(patienceMs, ready, (isAlone) => {
    said.push(`${isAlone ? "alone" : "not alone"}, ${company.isOpen() ? "open" : "closed"}`);
    return deed();
  });
  return { said, over };
}

test("the door closes, the others finish, and it opens when the deed is done", async () => {
  const company = companyOf();
  const openings: boolean[] = [];
  company.onOpen(() => openings.push(company.isOpen()));
  const leave = company.enter();
  const deed = Promise.withResolvers<void>();
  const { said, over } = alone(company, long, () => deed.promise);
  await turns();
  expect([said, company.isOpen()]).toEqual([[], false]);
  leave();
  await turns();
  expect([said, company.isOpen()]).toEqual([["alone, closed"], false]);
  deed.resolve();
  await over;
  expect([openings, company.isOpen()]).toEqual([[true], true]);
});

test("the door stays open until the deed may begin, and is not closed for one that may not", async () => {
  const company = companyOf();
  const hand = Promise.withResolvers<boolean>();
  const deeds: boolean[] = [];
  const over = company.alone(
    long,
    () => hand.promise,
    async (isAlone) => void deeds.push(isAlone),
  );
  await turns();
  expect([company.isOpen(), company.freeInMs()]).toEqual([true, Infinity]);
  hand.resolve(false);
  await over;
  expect([deeds, company.isOpen(), company.freeInMs()]).toEqual([[], true, 0]);
});

test("nobody waits for longer than the patience, neither the deed for the others nor they for it", async () => {
  vi.useFakeTimers();
  const company = companyOf();
  company.enter(); // and never goes
  const { said } = alone(company, 1000, endless);
  await vi.advanceTimersByTimeAsync(999);
  expect(said).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(said).toEqual(["not alone, closed"]);
  await vi.advanceTimersByTimeAsync(999);
  expect(company.isOpen()).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(company.isOpen()).toBe(true);
});

test("it is one's turn until the deed is over, however long the door has been open again", async () => {
  vi.useFakeTimers();
  const company = companyOf();
  const deed = Promise.withResolvers<void>();
  const first = alone(company, 1000, () => deed.promise);
  await vi.advanceTimersByTimeAsync(30_000);
  expect([company.isOpen(), company.freeInMs()]).toEqual([true, Infinity]);
  const second = alone(company, 1000);
  await second.over;
  expect(second.said).toEqual([]);
  deed.resolve();
  await first.over;
  expect(company.freeInMs()).toBe(0);
});

test("a deed that throws opens the door and ends its turn", async () => {
  const company = companyOf();
  await expect(alone(company, long, () => Promise.reject(new Error("no"))).over).rejects.toThrow("no");
  await turns();
  expect([company.isOpen(), company.freeInMs() < Infinity]).toEqual([true, true]);
});

test("whoever is told of the open door is told until he says so himself, though another gave the same function", async () => {
  const company = companyOf();
  let told = 0;
  const listener = (): void => void told++;
  const [end] = [company.onOpen(listener), company.onOpen(listener)];
  end();
  await alone(company, long).over;
  expect(told).toBe(1);
});

test.each([
  { closedMs: 200, openMs: 200 },
  { closedMs: 20_000, openMs: 5000 },
])("after $closedMs ms with a closed door it stays open for $openMs ms", async ({ closedMs, openMs }) => {
  vi.useFakeTimers();
  const company = companyOf();
  void alone(company, long, () => sleeper().sleep(closedMs));
  await vi.advanceTimersByTimeAsync(closedMs);
  expect(company.freeInMs()).toBeCloseTo(openMs);
  const early = alone(company, long);
  await early.over;
  expect(early.said).toEqual([]);
  await vi.advanceTimersByTimeAsync(openMs);
  const { said, over } = alone(company, long);
  await over;
  expect(said).toEqual(["alone, closed"]);
});

test("a suspect comes in when all who are watched know of it, and nobody is alone until it has gone", async () => {
  const company = companyOf();
  const known = Promise.withResolvers<void>();
  const told: string[] = [];
  const end = company.onSuspect(() => {
    told.push("told");
    return known.promise;
  });
  const deed = Promise.withResolvers<void>();
  const admitted = company.admit(() => {
    told.push("came");
    return deed.promise;
  });
  await turns();
  expect([told, company.hasSuspects(), company.freeInMs()]).toEqual([["told"], true, Infinity]);
  known.resolve();
  await turns();
  expect(told).toEqual(["told", "came"]);
  deed.resolve();
  await admitted;
  end();
  await company.admit(async () => {});
  expect([told, company.hasSuspects(), company.freeInMs()]).toEqual([["told", "came"], false, 0]);
});
