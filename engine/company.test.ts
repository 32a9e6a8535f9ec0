/** Who is alone, and who waits for whom. */
import { afterEach, expect, test, vi } from "vitest";
import { sleeper } from "./clock.ts";
import { companyOf } from "./company.ts";

const long = 60_000;
afterEach(() => void vi.useRealTimers());

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("the door closes, the others finish, and it opens when the deed is done", async () => {
  const company = companyOf();
  const said: string[] = [];
  company.onOpen(() => said.push("open"));
  const leave = company.enter();
  const deed = Promise.withResolvers<void>();
  const alone = company.alone(long, (isAlone) => {
    said.push(`alone: ${isAlone}`);
    return deed.promise;
  });
  await turns();
  expect([said, company.isOpen()]).toEqual([[], false]);
  leave();
  await turns();
  expect([said, company.isOpen()]).toEqual([["alone: true"], false]);
  deed.resolve();
  await alone;
  expect([said, company.isOpen()]).toEqual([["alone: true", "open"], true]);
});

test("several who want to be alone have others between them", async () => {
  const company = companyOf();
  const said: string[] = [];
  let come = true;
  company.onOpen(() => {
    if (!come) return;
    come = false;
    const leave = company.enter();
    said.push("another came");
    setImmediate(() => {
      said.push("another went");
      leave();
    });
  });
  await Promise.all(["first", "second"].map((name) => company.alone(long, async () => void said.push(name))));
  expect(said).toEqual(["first", "another came", "another went", "second"]);
});

test("who cannot be alone in time is told so, and for a while nobody is kept waiting for that again", async () => {
  let now = 0;
  const company = companyOf(() => now);
  company.enter(); // and never goes
  const said: boolean[] = [];
  const open: boolean[] = [];
  const alone = (): Promise<void> =>
    company.alone(20, async (isAlone) => {
      said.push(isAlone);
      open.push(company.isOpen());
    });
  await alone();
  now = 199;
  await alone();
  now = 200;
  await alone();
  expect(said).toEqual([false, false, false]);
  expect(open).toEqual([false, true, false]);
});

test("a deed that does not end keeps the others out for its time only", async () => {
  const company = companyOf();
  await company.alone(20, () => new Promise(() => {}));
  expect(company.isOpen()).toBe(true);
});

test("whoever is told of the open door is told until he says so himself, though another gave the same function", async () => {
  const company = companyOf();
  let told = 0;
  const listener = (): void => void told++;
  const [end] = [company.onOpen(listener), company.onOpen(listener)];
  end();
  await company.alone(long, async () => {});
  expect(told).toBe(1);
});

test.each([
  { closedMs: 200, openMs: 200 },
  { closedMs: 20_000, openMs: 5000 },
])("after $closedMs ms with a closed door it stays open for $openMs ms", async ({ closedMs, openMs }) => {
  vi.useFakeTimers();
  const company = companyOf();
  const said: string[] = [];
  void company.alone(long, () => sleeper().sleep(closedMs));
  void company.alone(long, async () => void said.push("second"));
  await vi.advanceTimersByTimeAsync(closedMs + openMs - 1);
  expect([said, company.isOpen()]).toEqual([[], true]);
  await vi.advanceTimersByTimeAsync(1);
  expect(said).toEqual(["second"]);
});
