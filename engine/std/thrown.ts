/**
 * Describes what was thrown, in words and within a bound: name, code, message, causes, inner errors, some lines of its
 * stack. It may be anything, and do anything when it is looked at: each look is one that may fail, and none is believed
 * to give text.
 */

/** Of an error with all that it has inside. */
const textMax = 2000;
/** Of the outermost message, and of the others. */
const messageMax = 1000;
const innerMax = 300;
/** A cause of a cause ... */
const depthMax = 5;
/** Inner errors of one, such as an AggregateError has. */
const siblingsMax = 5;
const stackLinesMax = 8;
const stackLineMax = 200;

/** Several lines: the error, and below it what caused it and what it holds, each by its name, code and message. */
export function errorText(thrown: unknown): string {
  const lines = [headline(thrown, messageMax)];
  addInner(thrown, 1, lines, new Set([thrown]));
  return cut(lines.join("\n"), textMax);
}

/** Its message alone, where it has one: for a sentence about something else. */
export function messageOf(thrown: unknown): string {
  const message = look(thrown, "message");
  return typeof message === "string" && message !== "" ? cut(message, messageMax) : headline(thrown, messageMax);
}

/** Where it was thrown: lines of its stack, or of its cause's where it has none; "" where neither has. */
export function stackOf(thrown: unknown): string {
  for (let at = thrown, depth = 0; isObject(at) && depth < depthMax; at = look(at, "cause"), depth++) {
    const stack = look(at, "stack");
    const from = typeof stack === "string" ? stack.indexOf("\n    at ") : -1;
    if (typeof stack !== "string" || from < 0) continue;
    const lines = stack.slice(from + 1, from + 1 + stackLinesMax * 2 * stackLineMax).split("\n");
    return lines
      .filter((line) => line.startsWith("    at "))
      .slice(0, stackLinesMax)
      .map((line) => cut(line.trim(), stackLineMax))
      .join("\n");
  }
  return "";
}

/** For those who want an Error: itself, where it is one that can be read. */
export function errorOf(thrown: unknown): Error {
  try {
    if (thrown instanceof Error && typeof thrown.message === "string" && typeof thrown.name === "string") return thrown;
  } catch {
    // it is described as what it seems to be
  }
  return new Error(errorText(thrown));
}

/** Whether that is the error's name, or what is given its cause. */
export const isNamed = (thrown: unknown, name: string): boolean => look(thrown, "name") === name;
export const isCausedBy = (thrown: unknown, cause: unknown): boolean =>
  isObject(thrown) && look(thrown, "cause") === cause;

/** A value that is no error in a few words, such as "an object" or "42". */
export function wordsFor(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(cut(value, 40));
  if (typeof value === "symbol") return cut(value.toString(), 60);
  if (typeof value === "bigint") return value > -bigMax && value < bigMax ? `${value}n` : "a BigInt of many digits";
  if (typeof value === "function") return "a function";
  if (!isObject(value)) return String(value);
  return isList(value) ? "a list" : "an object";
}

/**
 * At most so many characters, with a sign that there were more; no half of a surrogate pair is left over, nor was there
 * before.
 */
export function cut(text: string, max: number): string {
  if (text.length <= max) return text.toWellFormed();
  const last = text.charCodeAt(max - 2);
  const end = last >= 0xd800 && last <= 0xdbff ? max - 2 : max - 1;
  return `${text.slice(0, end).toWellFormed()}…`;
}

const bigMax = 10n ** 40n;

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";

/** Undefined also where it cannot be had. */
function look(value: unknown, name: string): unknown {
  try {
    const found: unknown = isObject(value) ? Reflect.get(value, name) : undefined;
    return found;
  } catch {
    return undefined;
  }
}

function isList(value: object): boolean {
  try {
    return Array.isArray(value) || ArrayBuffer.isView(value);
  } catch {
    return false; // a proxy that was revoked
  }
}

/** name [code]: message. An Error without a name of its own is described by its message alone. */
function headline(thrown: unknown, max: number): string {
  if (typeof thrown === "string" && thrown !== "") return cut(thrown, max);
  if (!isObject(thrown) || typeof thrown === "function" || isList(thrown)) return `${wordsFor(thrown)} was thrown`;
  const message = look(thrown, "message");
  const name = textIn(thrown, "name");
  if (message === undefined && name === "") return unnamed(thrown, max);
  const said = typeof message === "string" ? message : message === undefined ? "" : wordsFor(message);
  const code = codeOf(thrown);
  const who = name === "Error" && code === "" && said !== "" ? "" : `${name}${code}`.trim();
  return cut([who, said].filter((part) => part !== "").join(": "), max) || "an error that says nothing was thrown";
}

const textIn = (thrown: unknown, name: string): string => {
  const text = look(thrown, name);
  return typeof text === "string" ? cut(text, 100) : "";
};

function codeOf(thrown: object): string {
  const code = look(thrown, "code");
  if (typeof code === "number") return ` [${code}]`;
  return typeof code === "string" && code !== "" ? ` [${cut(code, 60)}]` : "";
}

/** Neither a name nor a message: what it says of itself, or what it has. */
function unnamed(thrown: object, max: number): string {
  const said = ownText(thrown);
  if (said !== "") return cut(said, max);
  const kind = look(thrown, "constructor");
  if (kind !== Object && kind !== undefined) return `an object was thrown, a ${textIn(kind, "name") || "nameless one"}`;
  const parts: string[] = [];
  try {
    for (const name in thrown)
      if (parts.push(`${cut(name, 40)}: ${wordsFor(look(thrown, name))}`) === siblingsMax) break;
  } catch {
    // what was seen is described
  }
  return cut(`an object was thrown${parts.length === 0 ? "" : `: { ${parts.join(", ")} }`}`, max);
}

function ownText(thrown: object): string {
  try {
    const toText = look(thrown, "toString");
    const said: unknown = typeof toText === "function" ? Reflect.apply(toText, thrown, []) : "";
    return typeof said === "string" && !/^\[object [^\]]*\]$/.test(said) ? said : "";
  } catch {
    return "";
  }
}

function addInner(thrown: unknown, depth: number, lines: string[], seen: Set<unknown>): void {
  if (!isObject(thrown) || depth > depthMax) return;
  const add = (how: string, inner: unknown): void => {
    if (inner === undefined || lines.length > depthMax * siblingsMax) return;
    const indent = "  ".repeat(depth);
    if (seen.has(inner)) return void lines.push(`${indent}${how} one of the above`);
    if (isObject(inner)) seen.add(inner);
    lines.push(`${indent}${how} ${headline(inner, innerMax).replaceAll("\n", `\n${indent}`)}`);
    addInner(inner, depth + 1, lines, seen);
  };
  add("caused by", look(thrown, "cause"));
  // As `using` tells of an error that came while another one was under way.
  add("after", look(thrown, "suppressed"));
  if (look(thrown, "suppressed") !== undefined) add("with", look(thrown, "error"));
  const inner = look(thrown, "errors");
  if (!isObject(inner) || !isList(inner)) return;
  const count = look(inner, "length");
  const shown = typeof count === "number" ? Math.min(count, siblingsMax) : 0;
  for (let at = 0; at < shown; at++) add("with", look(inner, String(at)));
  if (typeof count === "number" && count > shown) lines.push(`${"  ".repeat(depth)}and ${count - shown} more`);
}
