import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { sibling } from "./sibling.ts";

test("a negative time is not told, and everything else is", async () => {
  const script = `
    import { hideNegativeTimes } from ${JSON.stringify(sibling(import.meta.url, "./warnings"))};
    hideNegativeTimes();
    setTimeout(() => {}, -52000);
    process.emitWarning("something else");
  `;
  const { stderr } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script]);
  expect(stderr).toContain("Warning: something else");
  expect(stderr).not.toContain("negative");
});
