/** `engine serve` and `engine work` as processes: what they print, what they do, how they end. */
import { spawnSync } from "node:child_process";
import { mkdtempDisposableSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { engineBin, startEngine } from "../testing/command.ts";
import { deadlineMs, eventually } from "../testing/deadline.ts";
import { startRedis } from "../testing/redis.ts";

const declared = fileURLToPath(new URL("../testing/declared-queues.ts", import.meta.url));

test("what is enqueued over HTTP is worked by another process, and both stop when they are asked to", async () => {
  await using redis = await startRedis();
  using directory = mkdtempDisposableSync(join(tmpdir(), "whitewater-test-"));
  const worked = join(directory.path, "worked");
  writeFileSync(worked, "");
  const variables = { BROKER_PORT: String(redis.port), WORKED: worked };
  await using serving = await startEngine("serve", declared, variables);
  await using working = await startEngine("work", declared, variables);
  const enqueue = (to: string): Promise<Response> =>
    fetch(`${serving.url}/queues/email/jobs`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ payload: { to } }),
    });
  expect((await enqueue("ada")).status).toBe(202);
  expect((await enqueue("nobody")).status).toBe(202);
  const metrics = async (): Promise<string> => (await fetch(`${working.url}/metrics`)).text();
  await eventually(
    async () => {
      const text = await metrics();
      return (
        text.includes('engine_jobs_processed_total{type="email"} 1') &&
        text.includes('engine_jobs_dead_total{type="email"} 1')
      );
    },
    { deadlineMs, awaited: "both jobs to be settled" },
  );
  expect(readFileSync(worked, "utf8")).toBe("ada\n");
  expect((await fetch(`${working.url}/readyz`)).status).toBe(200);
  expect((await fetch(`${working.url}/queues`)).status).toBe(404);
  for (const process of [serving, working]) {
    process.signal("SIGTERM");
    expect(await process.ended()).toBe(0);
  }
});

/** In a form that needs no package: only its queues are looked at before its broker. */
const oddModule = `export default {
  redis: { host: "127.0.0.1", port: NaN },
  namespace: "n",
  queues: [{ type: { name: "job", shards: 1 }, producer() {}, work() {} }],
};`;

test("who starts it wrongly hears what would be right", () => {
  using directory = mkdtempDisposableSync(join(tmpdir(), "whitewater-test-"));
  const module = (name: string, text: string): string => {
    const path = join(directory.path, name);
    writeFileSync(path, text);
    return path;
  };
  const wrong = [
    [["play", declared], 'no command is called "play"; there are: serve, work'],
    [["serve"], "it is `engine serve <module>`"],
    [["serve", join(directory.path, "nothing.js")], "there is no module at "],
    [["serve", module("broken.mjs", "throw new Error('not today')")], "cannot be loaded: not today"],
    [["serve", module("empty.mjs", "export default {}")], "must have `export default declare("],
    [["serve", declared, "--port", "high"], '--port must be a whole number from 0 to 65535, got "high"'],
    [["serve", declared, "--payload", "0"], "--payload must be a whole number from 1 to 268435456, got 0"],
    [["work", module("odd.mjs", oddModule)], "redis.port must be a whole number from 1 to 65535, got NaN"],
    [["serve", declared, "--colour"], "--colour"],
    [["serve", declared, "--host", "0.0.0.0"], "set ENGINE_TOKEN"],
  ] as const;
  for (const [words, said] of wrong) {
    const { status, stderr } = spawnSync(process.execPath, [engineBin, ...words], { encoding: "utf8" });
    expect(stderr, words.join(" ")).toContain(said);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(status).toBe(3);
  }
  module("package.json", `{ "type": "commonjs" }`);
  const inCommonJs = ["serve", module("jobs.ts", `import "node:fs";\n`)];
  const { status, stderr } = spawnSync(process.execPath, [engineBin, ...inCommonJs], { encoding: "utf8" });
  expect(stderr).toContain(`outside a module; where package.json says \`"type": "commonjs"\`, say`);
  expect(status).toBe(3);
  expect(spawnSync(process.execPath, [engineBin, "--help"], { encoding: "utf8" })).toMatchObject({
    status: 0,
    stdout: expect.stringContaining("engine serve <module>"),
  });
});
