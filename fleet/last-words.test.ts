import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { lastWords, lengthOf } from "./last-words.ts";

function logOf(text: string): string {
  const directory = mkdtempSync(join(tmpdir(), "whitewater-words-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "worker-0.log");
  writeFileSync(file, text);
  return file;
}

test("an exhausted heap: the line that says so, and none of the frames behind it", () => {
  const frames = Array.from({ length: 40 }, (_, n) => ` ${n}: 0xe3${n} node::OOMErrorHandler(char const*) [node]`);
  const file = logOf(`ready
<--- Last few GCs --->

[7:0x1]  1034 ms: Mark-Compact 19.2 (24.0) -> 19.1 (24.0) MB
<--- JS stacktrace --->

FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory
----- Native stack trace -----

${frames.join("\n")}
`);
  expect(lastWords(file, 0)).toEqual([
    "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
  ]);
});

test("an error with properties behind its stack: the error comes first", () => {
  const file = logOf(`one
two
Error: connect ECONNREFUSED 127.0.0.1:6379
    at TCPConnectWrap.afterConnect [as oncomplete] (node:net:1637:16) {
  errno: -111,
  code: 'ECONNREFUSED',
  syscall: 'connect',
  address: '127.0.0.1',
  port: 6379
}
Node.js v24.1.0
`);
  expect(lastWords(file, 0)).toEqual([
    "Error: connect ECONNREFUSED 127.0.0.1:6379",
    "  errno: -111,",
    "  code: 'ECONNREFUSED',",
    "  syscall: 'connect',",
    "  address: '127.0.0.1',",
  ]);
});

test("of a process that printed no error, the last lines, cut to what one can read, without what a terminal would obey", () => {
  const file = logOf(`${[1, 2, 3, 4, 5].map((n) => `line ${n}`).join("\n")}\n\u001b[31m${"x".repeat(5000)}\u0007\n`);
  expect(lastWords(file, 0)).toEqual(["line 2", "line 3", "line 4", "line 5", "x".repeat(300)]);
});

test("what another life in the slot had said before is not its own", () => {
  const file = logOf("Error: of the one before\n");
  const from = lengthOf(file);
  expect(lastWords(file, from)).toEqual([]);
  appendFileSync(file, "of its own\n");
  expect(lastWords(file, from)).toEqual(["of its own"]);
});

test("a log that is gone says nothing", () => {
  expect(lengthOf("no-such-file")).toBe(0);
  expect(lastWords("no-such-file", 0)).toEqual([]);
});

test("a log of any length is read from its end", () => {
  const file = logOf(`Error: long ago\n${"chatter\n".repeat(200_000)}bye\n`);
  expect(lastWords(file, 0)).toEqual(["chatter", "chatter", "chatter", "chatter", "bye"]);
});
