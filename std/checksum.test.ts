import { expect, test } from "vitest";
import { checksum } from "./checksum.ts";
import { seeded } from "./random.ts";

const random = seeded("checksum");
const wordsOf = (count: number): Uint32Array => Uint32Array.from({ length: count }, () => random.below(2 ** 32));

test("every flipped bit is seen, wherever it is, and so is another seed", () => {
  for (const count of [1, 2, 7, 8, 16]) {
    const words = wordsOf(count);
    const whole = checksum(words, 0, count, 5);
    expect(checksum(words, 0, count, 6)).not.toBe(whole);
    for (let bit = 0; bit < count * 32; bit++) {
      words[bit >>> 5]! ^= 1 << (bit & 31);
      expect(checksum(words, 0, count, 5)).not.toBe(whole);
      words[bit >>> 5]! ^= 1 << (bit & 31);
    }
  }
});

test("words that change places are seen, and a piece of zeros that is longer", () => {
  const words = wordsOf(16);
  const whole = checksum(words, 0, 16, 0);
  for (const [a, b] of [
    [0, 1],
    [0, 2],
    [3, 8],
    [14, 15],
  ] as const) {
    const swapped = words.with(a, words[b] ?? 0).with(b, words[a] ?? 0);
    expect(checksum(swapped, 0, 16, 0)).not.toBe(whole);
  }
  const zeros = new Uint32Array(32);
  const sums = [0, 2, 8, 16, 32].map((to) => checksum(zeros, 0, to, 0));
  expect(new Set(sums).size).toBe(sums.length);
});

test("random pieces have as many checksums as there are pieces", () => {
  const sums = new Set(Array.from({ length: 20_000 }, () => checksum(wordsOf(8), 0, 8, 1)));
  expect(sums.size).toBeGreaterThan(19_998);
});
