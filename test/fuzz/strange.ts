/** Values that nobody expects, and how one of them comes to stand somewhere in what was all right. */
import type { Json } from "../../std/json.ts";
import type { NonEmpty, Random } from "../../std/random.ts";

const nested = (depth: number): Json => JSON.parse("[".repeat(depth) + "]".repeat(depth));

/** Stands for what is nested so deep that nobody can walk down it, whoever writes it among them. */
const deepMark = "deeper than deep";
const deep = "[".repeat(20_000) + "]".repeat(20_000);

/** As JSON. */
export const textOf = (value: Json): string => JSON.stringify(value).replaceAll(JSON.stringify(deepMark), deep);

/** Of JSON; none is so large a number of jobs that it may be had. */
const values: NonEmpty<Json> = [
  null,
  true,
  0,
  -1,
  0.5,
  -0.5,
  1e9,
  1e12,
  -1e12,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  Number.MAX_VALUE,
  5e-324,
  "",
  " ",
  "\u0000",
  "\u001b[2J\u001b]0;title\u0007",
  "\u202egnp.exe\u2066",
  "\ud800",
  "../../up",
  "/",
  "__proto__",
  "constructor",
  "NaN",
  "x".repeat(100_000),
  [],
  {},
  [null],
  [[]],
  nested(99),
  nested(200),
  deepMark,
  JSON.parse('{"__proto__": {"polluted": true}, "constructor": null, "toString": 1}'),
];

export const strange = (random: Random): Json => random.pick(values);

const isContainer = (value: unknown): value is Record<string, Json> => typeof value === "object" && value !== null;

/** The value with something strange, or nothing, somewhere in it. */
export function estranged(value: Json, random: Random): Json {
  if (!isContainer(value) || random.below(8) === 0) return strange(random);
  const keys = Object.keys(value);
  const key = keys[random.below(Math.max(1, keys.length))];
  if (key === undefined) return strange(random);
  const copy: Record<string, Json> | Json[] = Array.isArray(value) ? [...value] : { ...value };
  const set = (name: string, to: Json): void => void Object.assign(copy, { [name]: to });
  switch (random.below(6)) {
    case 0:
      Reflect.deleteProperty(copy, key);
      break;
    case 1:
      set(random.pick(["more", "__proto__x", "0", key.toUpperCase()]), strange(random));
      break;
    case 2:
      set(key, strange(random));
      break;
    default:
      set(key, estranged(value[key] ?? null, random));
  }
  return copy;
}
