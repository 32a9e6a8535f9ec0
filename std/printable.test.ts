import { expect, test } from "vitest";
import { isPrintable, onOneLine, printable, printableIn } from "./printable.ts";

test("what would act on a terminal is shown, and all else stays as it is", () => {
  expect(printable("a\u001b[2Jb\u0007\r\nc\td")).toBe("a\\u{1b}[2Jb\\u{7}\\u{d}\nc\\u{9}d");
  expect(printable("\u202egnp.\u2066exe\u2069\u200f\u061c")).toBe(
    "\\u{202e}gnp.\\u{2066}exe\\u{2069}\\u{200f}\\u{61c}",
  );
  expect(printable("half \ud800 of it")).toBe("half \\u{d800} of it");
  for (const text of ["plain", "Ünïcödé 漢字 \u{1f600}", "العربية", "✓ é"]) expect(printable(text)).toBe(text);
  expect(onOneLine("one\ntwo")).toBe("one\\ntwo");
  expect(["orders", "team/orders", "two\nlines", "\u001b[0m"].map(isPrintable)).toEqual([true, true, false, false]);
});

test("all text of a value is made fit, and nothing else of it is touched", () => {
  const columns = new Uint8Array(2);
  const value = { "a\u0007": ["\u001b", 1, null, { b: "c" }], columns };
  expect(printableIn<object>(value)).toEqual({ "a\\u{7}": ["\\u{1b}", 1, null, { b: "c" }], columns });
});
