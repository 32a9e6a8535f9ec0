import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { within } from "../std/deadline.ts";
import { kindOf, slotU32 } from "./encode.ts";
import { fileSource, readHistory } from "./reader.ts";
import { kinds } from "./record.ts";

/** Appends and commits for ever, and says on stdout which job was last when a commit resolved. */
const writer = `
  const { openRecorder } = await import(process.argv[1]);
  const { monotonic } = await import(process.argv[2]);
  const recorder = openRecorder(process.argv[3], { incarnation: 1, role: "worker" }, monotonic);
  for (let job = 0; ; ) {
    for (const end = job + 1 + (job % 50); job < end; job++) recorder.append("start", { job });
    const last = job - 1;
    await recorder.commit();
    process.stdout.write(last + "\\n");
  }
`;

test("everything before a resolved commit is on file when the process is killed", { timeout: 120_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), "whitewater-recorder-"));
  const file = join(directory, "1.bin");
  const modules = ["./recorder.ts", "../std/clock.ts"].map((path) => new URL(path, import.meta.url).href);
  const child = spawn(process.execPath, ["--input-type=module", "--eval", writer, ...modules, file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await closed;
    rmSync(directory, { recursive: true });
  });
  let told = -1;
  let lines = 0;
  createInterface(child.stdout).on("line", (line) => {
    told = Number(line);
    if (++lines === 200) child.kill("SIGKILL");
  });
  await within(closed, 100_000, "the writer to have committed 200 times and to be killed");

  const starts: number[] = [];
  const state = readHistory(fileSource(file), ({ u32 }, from, to) => {
    for (let slot = from; slot < to; slot++) {
      const word = slot * slotU32.perSlot;
      if (kindOf(u32[word + slotU32.head] ?? 0) === kinds.start) starts.push(u32[word + slotU32.job] ?? -1);
    }
  });
  expect(lines).toBeGreaterThanOrEqual(200);
  expect(starts.at(-1)).toBeGreaterThanOrEqual(told);
  expect(starts.every((job, index) => job === index)).toBe(true);
  expect(state).toMatchObject({ closed: false, damage: undefined });
});
