/** What a process printed last, for whoever asks why it ended: a few lines of its log, the error first of all. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { stripVTControlCharacters } from "node:util";

const linesMost = 5;
const charactersMost = 300;
/** A stack of native frames is a few thousand bytes. */
const bytesMost = 32_768;

/** Bytes that a log has by now: whoever writes to it next begins there. */
export function lengthOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

/** @param from the byte at which its own output begins: those before it in its slot wrote to the same file */
export function lastWords(file: string, from: number): readonly string[] {
  const lines = tailOf(file, from)
    .split("\n")
    .map((line) => stripVTControlCharacters(line).replace(/\p{Cc}+/gu, " "))
    .filter((line) => line.trim() !== "" && !frame.test(line));
  // What stands around an error says less than the error does.
  const error = lines.findLastIndex((line) => /^\S/.test(line) && /Error|ERROR|Exception/.test(line));
  const start = error < 0 ? Math.max(0, lines.length - linesMost) : error;
  return lines.slice(start, start + linesMost).map((line) => line.slice(0, charactersMost).trimEnd());
}

/** Of JavaScript, of native code, or the line that announces those. */
const frame = /^\s+at |^\s*\d+: 0x|^-+ .* stack ?trace -+$/i;

function tailOf(file: string, from: number): string {
  try {
    const descriptor = openSync(file, "r");
    try {
      const { size } = fstatSync(descriptor);
      const begin = Math.max(from, size - bytesMost);
      const buffer = Buffer.alloc(Math.max(0, size - begin));
      return buffer.toString("utf8", 0, readSync(descriptor, buffer, 0, buffer.length, begin));
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return ""; // whatever became of the log, the end itself is on record
  }
}
