/**
 * Text from elsewhere, made fit to be printed: what would move the cursor, change colours or turn the direction is
 * shown instead of done.
 */

/**
 * Control characters but line feeds; what sets a direction; what ends a line by another name; what has no width and no
 * form.
 */
const unfit = /(?!\n)\p{Cc}|[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Cs}/gu;

export const printable = (text: string): string => text.replaceAll(unfit, shown);

/** The same of what is to stay on its line. */
export const onOneLine = (text: string): string => printable(text).replaceAll("\n", "\\n");

/** Whether it is printed as it is, in one line. */
export const isPrintable = (text: string): boolean => onOneLine(text) === text;

/** The same of all text in a value; of a copy, where there is anything to be shown. */
export function printableIn<T>(value: T): T;
export function printableIn(value: unknown): unknown {
  if (typeof value === "string") return printable(value);
  if (Array.isArray(value)) return value.map(printableIn);
  if (typeof value !== "object" || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [printable(name), printableIn(one)]));
}

const shown = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
