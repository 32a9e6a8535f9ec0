/**
 * A system that has nothing to do with what a run makes trouble on comes through it without a scratch: such a run is
 * unknown, and says what the system did instead. It goes through the whole machine, from the command to the exit code.
 */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { resultSchema } from "../reports/result-schema.ts";
import { startRedis } from "../engine/testing/redis.ts";
import { readResult, temporaryRuns, whitewater } from "../cli/testing/whitewater.ts";

const configuration = join(import.meta.dirname, "astray.ts");
const timeout = 300_000;

async function run(system: string, elsewhere = "127.0.0.1:1") {
  using runs = temporaryRuns();
  const words = [
    "run",
    "cut-and-stop",
    "--system",
    system,
    "--config",
    configuration,
    "--seed",
    "1",
    "--runs",
    runs.path,
  ];
  const { code, output } = await whitewater(words, process.cwd(), { ...process.env, ELSEWHERE: elsewhere }).ended;
  const { guarantees, incidents } = resultSchema.parse(readResult(runs.newest()));
  const valid = guarantees.find(({ name }) => name === "run-valid");
  const seenBy = incidents.map(({ bit }) => (bit?.proven ? bit.facts["seenBy"] : "nobody"));
  return { code, output, reason: valid?.verdict === "unknown" ? valid.reason : "", seenBy };
}

describe.skipIf(process.platform !== "linux")("on Linux, which tells of connections", () => {
  test("a pool that opens when it is used has until the first fault on its link", { timeout }, async () => {
    const { code, output, seenBy } = await run("opens-lazily");
    expect(code, output).toBe(0);
    expect(seenBy).toEqual(["kernel", "kernel"]);
  });

  test("who asks the server for its port and goes past the proxy is told of", { timeout }, async () => {
    const { code, output, reason } = await run("past-its-links");
    expect(code, output).toBe(2);
    expect(reason).toMatch(/worker \d was connected to 127\.0\.0\.1:\d+ past the links that were laid for it/);
    expect(reason).toMatch(
      /cut-1 did not bite: worker \d talks to 127\.0\.0\.1:\d+ directly, past its own proxied link/,
    );
    expect(reason).not.toContain("broker-stop-1 did not bite");
  });

  test("who keeps its jobs on another store is told of, with where it keeps them", { timeout }, async () => {
    await using other = await startRedis();
    const { code, output, reason } = await run("on-another-store", `${other.host}:${other.port}`);
    expect(code, output).toBe(2);
    const but = `\\(?but to ${other.host}:${other.port}`;
    expect(reason).toMatch(
      new RegExp(`no process of the run was connected to its store .* while the load ran, ${but}`),
    );
    expect(reason).toMatch(new RegExp(`cut-1 did not bite: met nobody: no connection of worker \\d was open .*${but}`));
    expect(reason).toMatch(new RegExp(`broker-stop-1 did not bite: no process of the run was connected .*${but}`));
  });
});

test("a connection for show hides it from nobody", { timeout }, async () => {
  await using other = await startRedis();
  const { code, output, reason } = await run("on-another-store-for-show", `${other.host}:${other.port}`);
  expect(code, output).toBe(2);
  expect(reason).toMatch(/the store took in \d+ bytes while 300 jobs of 500 bytes were acknowledged/);
  if (process.platform === "linux")
    expect(reason).toMatch(
      /worker \d started \d+ jobs of 500 bytes, and \d+ bytes passed its links .* but \d+ to and from/,
    );
});
