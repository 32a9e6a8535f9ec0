/** Each text leads back to its job as it was sent, and in no other form. */
import { expect, test } from "vitest";
import { longTextBytes } from "../../scenarios/schema.ts";
import { textsOf } from "./texts.ts";
import { mix } from "../../std/random.ts";

const jobs = 1500;
const upToBytes = 200_000;
const load = {
  jobs,
  payloadBytes: 120,
  texts: { scripts: 0.5, long: { share: 0.02, upToBytes }, short: 0.1, empty: true },
};
const chance = (n: number, purpose: string): number =>
  mix(Math.imul(n + 1, 0x9e3779b1 ^ purpose.charCodeAt(0))) / 2 ** 32;
const of = (seed: number, more: Partial<typeof load> = {}) => textsOf({ ...load, ...more }, seed, chance);
const texts = of(7);
const all = Array.from({ length: jobs }, (_, n) => texts.payload(n));
const bytesOf = (text: string): number => Buffer.byteLength(text);
const others = all.filter((text) => /[^ -~]/.test(text));
const long = all.filter((text) => bytesOf(text) > longTextBytes);
/** How broken readers have it. */
const misread: Readonly<Record<string, (text: string) => string>> = {
  "cut at 64 KiB": (text) => Buffer.from(text).subarray(0, longTextBytes).toString(),
  "cut at NUL": (text) => text.split("\0", 1)[0] ?? "",
  "Latin-1": (text) => Buffer.from(text).toString("latin1"),
  "the basic plane alone": (text) => text.replaceAll(/[\u{10000}-\u{10ffff}]/gu, "\ufffd"),
  normalised: (text) => text.normalize("NFC"),
  "line ends": (text) => text.replaceAll("\r\n", "\n"),
  "percent signs": (text) => text.replaceAll("%00", "\0"),
  "escaped once more": (text) => text.replaceAll("\\u0000", "\0"),
  "without marks of direction": (text) => text.replaceAll(/[\u200f\u202e\u2066\u2069]/g, ""),
};

test("all kinds of text are there, in about their shares, and lead back to their jobs", () => {
  expect(all.map(texts.decode)).toEqual(all.map((_, n) => n));
  expect(others.length / jobs).toBeCloseTo(0.45, 1);
  expect(all.filter((text) => /^[0-9a-f]{8} \d+$/.test(text)).length / jobs).toBeCloseTo(0.1, 1);
  expect(long.length / jobs).toBeGreaterThan(0.005);
  expect(long.length / jobs).toBeLessThan(0.04);
  expect(long.some((text) => others.includes(text)) && long.some((text) => !others.includes(text))).toBe(true);
  expect(Math.max(...all.map(bytesOf))).toBeLessThanOrEqual(upToBytes);
  expect(all.filter((text) => text === "")).toHaveLength(1);
});

test("UTF-8 carries every one of them there and back", () => {
  expect(all.every((text) => text.isWellFormed() && Buffer.from(text).toString() === text)).toBe(true);
});

test.each(Object.entries(misread))("misread, %s: some are changed, and each of these is known to be", (_, read) => {
  const changed = all.flatMap((text, n) => (read(text) === text ? [] : [{ n, read: read(text) }]));
  expect(changed.length).toBeGreaterThan(0);
  expect(changed.filter((one) => texts.decode(one.read) !== undefined)).toEqual([]);
  expect(changed.every((one) => texts.origin(one.read) === one.n)).toBe(true);
});

test("what belongs to no job leads nowhere", () => {
  const one = all.findIndex((text) => text.length === 120);
  const text = texts.payload(one);
  for (const stranger of ["{}", "null", "undefined", " ", of(8).payload(one), text.replace(/^\w/, "g"), `0${text}`])
    expect([texts.decode(stranger), texts.origin(stranger)]).toEqual([undefined, undefined]);
  expect(of(7, { texts: { ...load.texts, empty: false } }).decode("")).toBeUndefined();
});

test("the same seed makes the same texts, another one others", () => {
  const same = of(7);
  expect(Array.from({ length: 200 }, (_, n) => same.payload(n))).toEqual(all.slice(0, 200));
  expect(of(8).payload(1)).not.toBe(texts.payload(1));
});
