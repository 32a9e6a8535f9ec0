/** What may pass the gate to a user's code, and what they hear whose may not. */
import { expect, test } from "vitest";
import { z } from "zod";
import { jobType, json, text, type Codec } from "./index.ts";
import { untyped } from "./testing/untyped.ts";
import { guarded } from "./std/guarded.ts";
import { encoded, fromJson } from "./user-code.ts";

/** Long enough for a rejection of which nobody hears to be told. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
// oxlint-disable-next-line no-restricted-globals -- as a caller may hand it over
const dateAt = (ms: number): Date => new Date(ms);

const anything: Codec<unknown> = json(z.any());
const asText = (payload: unknown): string => encoded(jobType({ name: "email", payload: text }), payload, 3);
const asJson = (payload: unknown): string => encoded(jobType({ name: "email", payload: anything }), payload, 3);

test.each<[what: string, payload: unknown, why: string]>([
  ["nothing", undefined, "its payload is text, not undefined"],
  ["an object", {}, "its payload is text, not an object"],
  ["a number", 5, "its payload is text, not 5"],
  ["half a pair", "a\ud83d", "its payload has half of a surrogate pair"],
  ["the other half", "\ude00a", "its payload has half of a surrogate pair"],
])("%s is no text", (_, payload, why) => {
  expect(() => asText(payload)).toThrow(TypeError);
  expect(() => asText(payload)).toThrow(`email does not take job 3: ${why}`);
});

test.each<[what: string, payload: unknown, why: string]>([
  ["nothing", undefined, "JSON has no undefined"],
  ["a function", () => {}, "JSON has no function"],
  ["a function inside", { a: { b: () => {} } }, 'JSON has no function, which its member "b" is'],
  ["a symbol", [Symbol("s")], 'JSON has no symbol, which its member "0" is'],
  ["no number", { a: Number.NaN }, 'JSON has no NaN, which its member "a" is'],
  ["no date", { a: dateAt(Number.NaN) }, "JSON has no invalid date"],
  ["a hole", Object.assign([1], { 2: 2 }), "JSON has no undefined"],
  ["a Map", { a: new Map([[1, 2]]) }, "JSON has no Map"],
  ["a Promise", Promise.resolve(), "JSON has no Promise"],
  ["a BigInt", { a: 1n }, "BigInt"],
  ["what fails to say what it is", { toJSON: () => { throw new Error("mine"); } }, "mine"], // prettier-ignore
])("%s is no JSON", (_, payload, why) => {
  expect(() => asJson(payload)).toThrow(TypeError);
  expect(() => asJson(payload)).toThrow(why);
});

test("what JSON carries passes as it is, half a pair as well", () => {
  const date = dateAt(0);
  for (const [payload, read] of [
    [
      { a: undefined, b: [null, {}, []], c: "half \ud83d" },
      { b: [null, {}, []], c: "half \ud83d" },
    ],
    [date, date.toJSON()],
    [Object.create(null), {}],
    ["text", "text"],
  ])
    expect(anything.decode(asJson(payload))).toEqual(read);
  expect(asJson("half \ud83d").isWellFormed()).toBe(true);
});

test("a codec that gives no text, or a schema that is not synchronous, is told by name", async () => {
  const odd = (encode: () => unknown): Codec<string> => ({ ...text, encode: () => untyped(encode()) });
  const takes = (payload: Codec<string>) => () => encoded(jobType({ name: "email", payload }), "x", 0);
  expect(takes(odd(() => undefined))).toThrow(
    "email does not take job 0: `encode` of its payload gives text, not undefined",
  );
  expect(takes(odd(() => Promise.reject(new Error("later"))))).toThrow("have to be synchronous");
  expect(takes(odd(() => { throw Object.create(null); }))).toThrow("an object was thrown"); // prettier-ignore
  const slow = json<string>({ "~standard": { validate: () => Promise.reject(new Error("later")) } });
  expect(takes(slow)).toThrow("have to be synchronous");
  const from: Codec<string> = { ...text, from: slow.from };
  expect(() => fromJson(jobType({ name: "email", payload: from }), { a: 1 }, 2)).toThrow("have to be synchronous");
  expect(() => fromJson(jobType({ name: "email" }), { a: 1 }, 2)).toThrow("email does not take job 2");
  await turn(); // an unhandled rejection would be told by now
});

test("what a callback throws, now or later, is told and ends nothing", async () => {
  const told: unknown[] = [];
  const failed = (error: unknown): void => void told.push(error);
  const bad = Object.create(null);
  const calls = [
    () => { throw bad; }, // prettier-ignore
    () => Promise.reject(bad),
    // oxlint-disable-next-line unicorn/no-thenable
    () => ({ get then() { throw bad; } }), // prettier-ignore
    () => ({ then: (_: unknown, reject: (error: unknown) => void) => reject(bad) }), // oxlint-disable-line unicorn/no-thenable
  ];
  for (const call of calls) guarded(call, failed)();
  guarded(undefined, failed)();
  guarded(() => new Promise(() => {}), failed)();
  await turn();
  expect(told).toEqual([bad, bad, bad, bad]);
});
