import { expect, test } from "vitest";
import {
  attemptOf,
  codeOf,
  decodeHeader,
  encode,
  encodeHeader,
  kindNames,
  kindOf,
  slotF64,
  slots,
  slotU32,
  type Slots,
} from "./encode.ts";
import { kinds, recordBytes } from "./record.ts";

const word = ({ u32 }: Slots, slot: number, field: number): number | undefined => u32[slot * slotU32.perSlot + field];
const double = ({ f64 }: Slots, slot: number, field: number): number | undefined => f64[slot * slotF64.perSlot + field];

test("a record comes back as it was written, and touches no other slot", () => {
  const buffer = slots(3);
  encode(buffer, 1, 7, 123_456_789_012_345, "place", {
    job: 0xfffffffe,
    attempt: 3,
    code: 0xffff,
    micros: 0xffffffff,
    aux: -1.5,
  });
  expect(word(buffer, 1, slotU32.seq)).toBe(7);
  expect(word(buffer, 1, slotU32.job)).toBe(0xfffffffe);
  expect(word(buffer, 1, slotU32.micros)).toBe(0xffffffff);
  const head = word(buffer, 1, slotU32.head) ?? 0;
  expect([kindNames[kindOf(head)], attemptOf(head), codeOf(head)]).toEqual(["place", 3, 0xffff]);
  expect(double(buffer, 1, slotF64.at)).toBe(123_456_789_012_345);
  expect(double(buffer, 1, slotF64.aux)).toBe(-1.5);
  expect(buffer.bytes.subarray(0, recordBytes).every((byte) => byte === 0)).toBe(true);
  expect(buffer.bytes.subarray(2 * recordBytes).every((byte) => byte === 0)).toBe(true);
});

test("a slot that is used again keeps nothing of what it held", () => {
  const buffer = slots(1);
  encode(buffer, 0, 1, 1, "send", { job: 9, attempt: 9, code: 9, micros: 9, aux: 9 });
  encode(buffer, 0, 0, 0, "tick", {});
  expect([...buffer.u32]).toEqual([0, 0, 0, 0, kinds.tick, 0, 0, 0]);
});

test("counts too large for their field are kept at its maximum", () => {
  const buffer = slots(1);
  encode(buffer, 0, 0, 0, "start", { attempt: 1000, code: 70_000, micros: 2 ** 40 });
  const head = word(buffer, 0, slotU32.head) ?? 0;
  expect([kindOf(head), attemptOf(head), codeOf(head)]).toEqual([kinds.start, 255, 0xffff]);
  expect(word(buffer, 0, slotU32.micros)).toBe(0xffffffff);
});

test("every kind has its name back", () => {
  for (const [name, number] of Object.entries(kinds)) expect(kindNames[number]).toBe(name);
});

test("a header comes back, and nothing else is one", () => {
  const buffer = slots(1);
  expect(decodeHeader(buffer)).toBeUndefined();
  const sum = encodeHeader(buffer, { incarnation: 12, role: "worker" });
  expect(decodeHeader(buffer)).toEqual({ author: { incarnation: 12, role: "worker" }, sum });
  for (let bit = 0; bit < recordBytes * 8; bit++) {
    buffer.bytes[bit >>> 3]! ^= 1 << (bit & 7);
    expect(decodeHeader(buffer)).toBeUndefined();
    buffer.bytes[bit >>> 3]! ^= 1 << (bit & 7);
  }
});
