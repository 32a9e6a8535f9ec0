import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { recordBytes } from "../../history/record.ts";
import { writtenFile } from "../../history/testing/written-file.ts";
import { lastSent, leftUnanswered } from "./resume.ts";

/** Jobs 0 to `jobs - 1` in blocks of four records, two for each job. */
function sent(jobs: number): Uint8Array {
  const file = writtenFile({ incarnation: 1, role: "producer" }, 4);
  for (let job = 0; job < jobs; job++) {
    file.put(job, "send", { job });
    file.put(job, "ok", { job });
  }
  return file.bytes();
}

test("a producer goes on behind the last send of the last whole block, which is the last that was acted on", () => {
  const directory = mkdtempSync(join(tmpdir(), "whitewater-resume-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const file = join(directory, "1.bin");
  const bytes = sent(6);
  for (let end = 0; end <= bytes.length; end += 8) {
    writeFileSync(file, bytes.subarray(0, end));
    const blocks = Math.floor((end / recordBytes - 1) / 5);
    expect({ end, last: lastSent([file]) }).toEqual({ end, last: blocks < 1 ? undefined : blocks * 2 - 1 });
  }
  writeFileSync(file, sent(20_000));
  expect(lastSent([join(directory, "0.bin"), file])).toBe(19_999);
});

test("what the life before had sent and not heard of is told, under whose key it was", () => {
  const directory = mkdtempSync(join(tmpdir(), "whitewater-resume-"));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  const [first, second] = [join(directory, "1.bin"), join(directory, "2.bin")];
  writeFileSync(first, sent(3));
  const file = writtenFile({ incarnation: 2, role: "producer" });
  file.put(1, "send", { job: 3 });
  file.put(2, "send", { job: 4 });
  file.put(2, "repeated", { job: 4, micros: 1 });
  file.put(3, "send", { job: 5 });
  file.put(4, "unknown", { job: 5 });
  writeFileSync(second, file.bytes());
  expect(leftUnanswered([first, second, join(directory, "3.bin")])).toEqual([
    { first: 3, sentNs: 1 },
    { first: 1, sentNs: 2 },
  ]);
  expect(leftUnanswered([first])).toEqual([]);
  expect(leftUnanswered([])).toEqual([]);
});
