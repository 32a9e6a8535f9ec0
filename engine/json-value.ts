/**
 * A value as JSON. What JSON leaves out or makes null without a word is refused: nobody would get what was
 * acknowledged.
 */
import { types } from "node:util";
import { wordsFor } from "./std/thrown.ts";

/**
 * A member that is undefined is left out, as everybody expects.
 * @throws TypeError for a value that JSON cannot carry, naming the member
 */
export const jsonText = (value: unknown): string => JSON.stringify(value, refusing);

function refusing(this: unknown, name: string, value: unknown): unknown {
  const wrong = lostIn(this, name, value);
  if (wrong === undefined) return value;
  throw new TypeError(`JSON has no ${wrong}${name === "" ? "" : `, which its member ${wordsFor(name)} is`}`);
}

/** @param value after its own `toJSON` */
function lostIn(holder: unknown, name: string, value: unknown): string | undefined {
  switch (typeof value) {
    case "number":
      return Number.isFinite(value) ? undefined : String(value);
    case "function":
    case "symbol":
      return typeof value;
    case "undefined":
      return name === "" || Array.isArray(holder) ? "undefined" : undefined;
    case "object":
      return value === null ? lostDate(holder, name) : lostObject(value);
    default:
      return undefined;
  }
}

/** Of a date that is none, its own `toJSON` makes null. */
const lostDate = (holder: unknown, name: string): string | undefined =>
  typeof holder === "object" && holder !== null && types.isDate(Reflect.get(holder, name)) ? "invalid date" : undefined;

const carried: ReadonlySet<string> = new Set(["Object", "Number", "Boolean", "String"]);

/**
 * A Map, a Promise, an Error: all that they hold is out of its sight. Known by their tags, which are the same in every
 * realm.
 */
function lostObject(value: object): string | undefined {
  if (Array.isArray(value) || Object.keys(value).length > 0) return undefined;
  const tag = Object.prototype.toString.call(value).slice(8, -1);
  return carried.has(tag) ? undefined : tag;
}
