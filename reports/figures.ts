/**
 * How figures are written, the same in every report: thousands apart, milliseconds with as many digits as one can use.
 */
import type { Json } from "../std/json.ts";

const grouped = (value: number, decimals: number): string =>
  value.toLocaleString("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });

export const count = (value: number): string =>
  grouped(value, Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : 1);

/** Three significant digits below a second, whole milliseconds above. */
export function milliseconds(value: number): string {
  const size = Math.abs(value);
  return grouped(value, size === 0 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3);
}

/** For prose: in the unit that a person would say. */
export function duration(ms: number): string {
  if (ms < 999.5) return `${milliseconds(ms)} ms`;
  const tenths = Math.round(ms / 100) / 10;
  if (tenths < 120)
    return `${grouped(tenths, tenths < 10 && !Number.isInteger(tenths) ? 1 : Number.isInteger(tenths) ? 0 : 1)} s`;
  const seconds = Math.round(ms / 1000);
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest === 0 ? "" : ` ${rest} s`}`;
}

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

/** A plain value on one line, without the punctuation that only machines need: `lastsMs 2,000 · how shutdown`. */
export function oneLine(value: Json): string {
  if (value === null) return "none";
  if (typeof value === "string") return value;
  if (typeof value === "number") return Number.isInteger(value) ? count(value) : String(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (isList(value)) return value.map(oneLine).join(", ");
  return Object.entries(value)
    .map(([name, inner]) => `${name} ${isRecord(inner) ? `(${oneLine(inner)})` : oneLine(inner)}`)
    .join(" · ");
}

export const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
export const isRecord = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !isList(value);
