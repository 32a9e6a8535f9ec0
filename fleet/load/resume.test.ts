import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { recordBytes } from "../../history/record.ts";
import { writtenFile } from "../../history/testing/written-file.ts";
import { lastSent } from "./resume.ts";

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
