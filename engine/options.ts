/**
 * Checks the options of every door: each is read once, and a wrong one is refused before anything is done, with an
 * error that names the option, what it takes and what it was given. What is left out, or undefined, has its default.
 */
import { wordsFor } from "./std/thrown.ts";
import { halfPair } from "./user-code.ts";

/** From an option as it was given, undefined where it was left out, to one that works. @throws OptionError */
export type OptionKind<T> = (value: unknown, name: string) => T;

/** One for each option, by its name. */
type Kinds = Readonly<Record<string, OptionKind<unknown>>>;

/** What was left out and has no default is not there at all. */
export type Options<Given extends Kinds> = {
  readonly [Name in keyof Given as undefined extends ReturnType<Given[Name]> ? never : Name]: ReturnType<Given[Name]>;
} & {
  readonly [Name in keyof Given as undefined extends ReturnType<Given[Name]> ? Name : never]?: Exclude<
    ReturnType<Given[Name]>,
    undefined
  >;
};

/** What its caller gave cannot work. `code`: it is told without a stack. */
export class OptionError extends RangeError {
  override readonly name = "OptionError";
  readonly code = "ERR_OPTION";
}

/**
 * @param door the name that its caller knows, such as `connect`
 * @throws OptionError for one that is wrong, and for one that there is not: misspelled, it would be as if it were not
 * there
 */
export function optionsOf<Given extends Kinds>(door: string, given: unknown, kinds: Given): Options<Given> {
  const object = objectOf(door, given, kinds);
  refuseStrange(door, object, kinds);
  return read(`${door}: `, object, kinds);
}

/** The same of an object that may have more to it than these. */
export const someOf = <Given extends Kinds>(door: string, given: unknown, kinds: Given): Options<Given> =>
  read(`${door}: `, objectOf(door, given, kinds), kinds);

/** Options within an option, which may have more to it than these: what else it has is kept. */
export const extensible =
  <Given extends Kinds>(kinds: Given): OptionKind<Options<Given>> =>
  (value, name) => {
    const object = objectOf(name, value, kinds);
    const known = read(`${name}.`, object, kinds);
    const more = namesIn(object, name).filter((key) => !Object.hasOwn(kinds, key));
    return { ...Object.fromEntries(more.map((key) => [key, valueIn(object, key, `${name}.${key}`)])), ...known };
  };

/** Options within an option. */
export const group =
  <Given extends Kinds>(kinds: Given): OptionKind<Options<Given>> =>
  (value, name) => {
    const object = objectOf(name, value, kinds);
    refuseStrange(name, object, kinds);
    return read(`${name}.`, object, kinds);
  };

const objectOf = (owner: string, given: unknown, kinds: Kinds): object =>
  isObject(given, owner) ? given : refuse(owner, `an object with ${namesOf(kinds)}`, given);

export const isObject = (given: unknown, name: string): given is object =>
  typeof given === "object" && given !== null && !isList(given, name);

function refuseStrange(owner: string, object: object, kinds: Kinds): void {
  const strange = namesIn(object, owner).find((name) => !Object.hasOwn(kinds, name));
  if (strange !== undefined)
    throw new OptionError(`${owner}: there is no option ${shown(strange)}, there are ${namesOf(kinds)}`);
}

function read<Given extends Kinds>(prefix: string, object: object, kinds: Given): Options<Given> {
  const options: Record<string, unknown> = {};
  for (const name of Object.keys(kinds)) {
    const path = prefix + name;
    const option = kinds[name]?.(valueIn(object, name, path), path);
    if (option !== undefined) options[name] = option;
  }
  if (isOf(options, kinds)) return options;
  throw new OptionError(`${prefix} was changed while it was read`);
}

/** Each of them is what its kind returned, which the compiler cannot follow through a loop. */
const isOf = <Given extends Kinds>(options: object, kinds: Given): options is Options<Given> =>
  Object.keys(options).every((name) => Object.hasOwn(kinds, name));

const namesOf = (kinds: Kinds): string => Object.keys(kinds).join(", ");

/** Whatever the caller's getters and proxies throw is an option that cannot be read. */
export function asked<T>(read: () => T, name: string): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof OptionError) throw error;
    throw new OptionError(`${name} cannot be read: it throws when it is asked for`);
  }
}

const namesIn = (object: object, name: string): readonly string[] => asked(() => Object.keys(object), name);
const valueIn = (object: object, key: string, name: string): unknown => asked(() => Reflect.get(object, key), name);

/** @param takes after "must be" */
export function refuse(name: string, takes: string, value: unknown): never {
  throw new OptionError(`${name} must be ${takes}, got ${shown(value)}`);
}

const shownLength = 40;

/** Calls nothing that belongs to the value. */
export function shown(value: unknown): string {
  if (typeof value === "string") {
    const text = JSON.stringify(value.slice(0, shownLength));
    return value.length > shownLength ? `${text.slice(0, -1)}..." (${value.length} characters)` : text;
  }
  return value === undefined ? "nothing" : wordsFor(value);
}

export const or =
  <T>(fallback: T, kind: OptionKind<T>): OptionKind<T> =>
  (value, name) =>
    value === undefined ? fallback : kind(value, name);

export const optional =
  <T>(kind: OptionKind<T>): OptionKind<T | undefined> =>
  (value, name) =>
    value === undefined ? undefined : kind(value, name);

export const whole =
  (from: number, to = Number.MAX_SAFE_INTEGER): OptionKind<number> =>
  (value, name) =>
    typeof value === "number" && Number.isInteger(value) && value >= from && value <= to
      ? value
      : refuse(name, `a whole number from ${from} to ${to}`, value);

export const number =
  (from: number, to: number, takes = "a number"): OptionKind<number> =>
  (value, name) =>
    typeof value === "number" && value >= from && value <= to
      ? value
      : refuse(name, `${takes} from ${from} to ${to}`, value);

/** A hundred years: longer than anybody waits, and numbers in Redis and Lua stay exact. */
const longestMs = 3_155_760_000_000;

export const milliseconds = (from: number, to = longestMs): OptionKind<number> => number(from, to, "a number of ms");

/** The last moment that a Date knows. */
export const time: OptionKind<number> = number(
  0,
  8_640_000_000_000_000,
  "a time in ms since 1970, such as Date.now(),",
);

export const characters =
  (takes: string, form = /^/, longest = 200): OptionKind<string> =>
  (value, name) => {
    if (typeof value !== "string" || value === "" || value.length > longest || !form.test(value))
      return refuse(name, `text of 1 to ${longest} characters (${takes})`, value);
    if (value.isWellFormed()) return value;
    throw new OptionError(`${name} ${halfPair}`);
  };

/** Is not shown, whatever it is. */
export const secret: OptionKind<string> = (value, name) => {
  if (typeof value === "string" && value !== "") return value;
  throw new OptionError(
    `${name} must be text that is not empty, got ${value === "" ? "an empty one" : `a ${typeof value}`}`,
  );
};

/** Whose names are its caller's own. */
export const dictionary =
  <T>(nameKind: OptionKind<string>, kind: OptionKind<T>): OptionKind<Readonly<Record<string, T>>> =>
  (value, name) => {
    if (!isObject(value, name)) return refuse(name, "an object with a value for each name", value);
    const entries = namesIn(value, name).map((key) => {
      const path = `${name}.${nameKind(key, `a name in ${name}`)}`;
      return [key, kind(valueIn(value, key, path), path)] as const;
    });
    return Object.fromEntries(entries);
  };

/** What it takes and returns is its caller's word: nothing tells before it is called. */
export function callback<F extends (...args: never[]) => unknown>(): OptionKind<F> {
  const isOne = (value: unknown): value is F => typeof value === "function";
  return (value, name) => (isOne(value) ? value : refuse(name, "a function", value));
}

/** Something with these methods, of its own or inherited. */
export function having<T extends object>(methods: readonly (keyof T & string)[], takes: string): OptionKind<T> {
  const hasAll = (value: unknown): value is T =>
    typeof value === "object" &&
    value !== null &&
    methods.every((method) => typeof Reflect.get(value, method) === "function");
  return (value, name) => asked(() => (hasAll(value) ? value : undefined), name) ?? refuse(name, takes, value);
}

export const signal: OptionKind<AbortSignal> = (value, name) => {
  // Of a proxy around one nothing can be heard.
  const own = asked(
    () => (value instanceof AbortSignal && typeof value.aborted === "boolean" ? value : undefined),
    name,
  );
  return own ?? refuse(name, "an AbortSignal, such as the `signal` of an AbortController", value);
};

export const isList = (value: unknown, name: string): value is readonly unknown[] =>
  asked(() => Array.isArray(value), name);

export const listOf =
  <T>(kind: OptionKind<T>, most: number): OptionKind<readonly T[]> =>
  (value, name) => {
    if (!isList(value, name) || !(asked(() => value.length, name) <= most))
      return refuse(name, `a list of at most ${most}`, value);
    return asked(() => Array.from(value), name).map((member, index) => kind(member, `${name}[${index}]`));
  };

/** For what is looked at later. */
export const anything: OptionKind<unknown> = (value) => value;
