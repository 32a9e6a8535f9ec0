import { expect, test } from "vitest";
import { entrusted, entrustedNow, ForeignError, named } from "./entrusted.ts";
import { UserError } from "./user-error.ts";

const hanging = (): Promise<never> => new Promise(() => {});

test("what settles in time is its own answer or error, and is under way until then", async () => {
  const answer = Promise.withResolvers<string>();
  const asked = entrusted("somebody", () => answer.promise, 60_000);
  expect(entrustedNow()).toEqual(["somebody"]);
  answer.resolve("here");
  expect(await asked).toBe("here");
  expect(entrustedNow()).toEqual([]);
  const broken = new Error("broken");
  await expect(entrusted("somebody", () => Promise.reject(broken), 60_000)).rejects.toBe(broken);
  await expect(
    entrusted(
      "somebody",
      () => {
        throw broken;
      },
      60_000,
    ),
  ).rejects.toBe(broken);
  expect(entrustedNow()).toEqual([]);
});

test("what does not settle is told by name, with the time that it had", async () => {
  const failure = await entrusted("somebody", hanging, 200).catch((thrown: unknown) => thrown);
  expect(failure).toBeInstanceOf(ForeignError);
  expect(failure).toMatchObject({ how: "unsettled", message: "somebody did not settle within 0.2 s" });
  expect(entrustedNow()).toEqual([]);
});

test("what is thrown gets the name of who threw it, unless it is meant for the user as it is", async () => {
  const thrown = (what: unknown) => named("somebody", () => Promise.reject(what));
  await expect(thrown(new Error("broken"))).rejects.toThrow(new ForeignError("threw", "somebody threw: broken"));
  await expect(thrown(undefined)).rejects.toThrow("somebody threw: undefined");
  const mistake = new UserError("set it");
  await expect(thrown(mistake)).rejects.toBe(mistake);
});
