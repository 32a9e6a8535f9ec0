/** The README's start is run, as it stands there but for the address. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { deadlineMs, eventually, within } from "./testing/deadline.ts";
import { startRedis } from "./testing/redis.ts";

test("the ten-line start works a job and stops when it is asked to", async () => {
  const readme = readFileSync(new URL("README.md", import.meta.url), "utf8");
  const start = /```ts\n([^`]*)```/.exec(readme)?.[1] ?? "";
  expect(
    start
      .trim()
      .split("\n")
      .filter((line) => line !== "").length,
  ).toBeLessThanOrEqual(10);
  await using redis = await startRedis();
  const code = start
    .replace('"whitewater-engine"', JSON.stringify(new URL("index.ts", import.meta.url).href))
    .replace("6379", String(redis.port));
  const child = spawn(process.execPath, ["--input-type=module-typescript", "--eval", code], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const exited = once(child, "exit");
  try {
    await eventually(() => output.includes("\n"), { deadlineMs, awaited: "the job to be worked" });
    child.kill("SIGTERM");
    await within(exited, deadlineMs, "the example to end");
  } finally {
    if (child.exitCode === null) child.kill("SIGKILL");
  }
  expect(output).toBe("ada@example.org 1\n");
  expect(child.exitCode).toBe(0);
});
