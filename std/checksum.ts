/**
 * A checksum of 32-bit words: any change within one word is always seen, any other but once in four thousand million
 * times. MurmurHash3's steps in two lanes. node:zlib's crc32 is as fast over long pieces, but takes 0.2 us a call, and
 * the pieces that a history is made of are short.
 */

/**
 * Of the words from `from` to `to - 1`. Whoever puts the last piece's checksum in as `seed` has one over all of them.
 */
export function checksum(words: Uint32Array, from: number, to: number, seed: number): number {
  let even = seed | 0;
  let odd = ~seed;
  const pairsTo = to - ((to - from) & 1);
  for (let word = from; word < pairsTo; word += 2) {
    even = stepped(even, words[word] ?? 0);
    odd = stepped(odd, words[word + 1] ?? 0);
  }
  if (pairsTo < to) {
    even = stepped(even, words[pairsTo] ?? 0);
    // Past the end of an odd number of words is nothing.
    odd = stepped(odd, 0);
  }
  return (Math.imul(even, 0x85ebca6b) ^ ((odd << 16) | (odd >>> 16))) >>> 0;
}

function stepped(sum: number, word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51);
  const next = sum ^ Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}
