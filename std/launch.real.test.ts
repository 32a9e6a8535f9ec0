/** The gate: nothing begins before it is on file, and nothing is left behind by a crash at the worst moment. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "./deadline.ts";
import { onFreePort } from "./free-port.ts";
import { end, gone, launch } from "./launch.ts";
import { identify, isAlive, type ProcessIdentity } from "./process-identity.ts";

const deadlineMs = 60_000;

let directory: string;
let log: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "whitewater-launch-"));
  log = join(directory, "logs", "program.log");
});
afterEach(() => rm(directory, { recursive: true, force: true }));

test("the program begins once it is known, as the process that was made known", async () => {
  let known: ProcessIdentity | undefined;
  let before = "";
  const { identity, exit } = launch("/bin/sh", ["-c", 'echo "$$ $GREETING"; exit 3'], {
    log,
    known(made) {
      known = made;
      before = readFileSync(log, "utf8");
    },
    variables: { GREETING: "hello" },
  });
  expect(known).toEqual(identity);
  expect(before).toBe("");
  expect(await eventually(exit, { deadlineMs, awaited: "its exit" })).toEqual({ code: 3, signal: null });
  expect(readFileSync(log, "utf8")).toBe(`${identity.pid} hello\n`);
});

test("a program that could not be made known does not begin", async () => {
  let made: ProcessIdentity | undefined;
  const known = (identity: ProcessIdentity): void => {
    made = identity;
    throw new Error("the disk is full");
  };
  expect(() => launch("/bin/sh", ["-c", "echo begun"], { log, known })).toThrow("the disk is full");
  if (made === undefined) expect.fail("nothing was made known");
  await gone(made, deadlineMs);
  expect(readFileSync(log, "utf8")).toBe("");
});

test("a crash at the gate leaves no process", async () => {
  const pidFile = join(directory, "pid");
  const module = JSON.stringify(pathToFileURL(join(import.meta.dirname, "launch.ts")).href);
  const script = `
    const { launch } = await import(${module});
    const { writeFileSync } = await import("node:fs");
    launch("/bin/sh", ["-c", "echo begun; sleep 600"], { log: ${JSON.stringify(log)}, known({ pid }) {
      writeFileSync(${JSON.stringify(pidFile)}, String(pid));
      process.kill(process.pid, "SIGKILL");
      for (;;);
    } });`;
  const starter = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "inherit" });
  await once(starter, "exit");
  expect(existsSync(pidFile)).toBe(true);
  const pid = Number(readFileSync(pidFile, "utf8"));
  await eventually(() => identify(pid) === undefined, { deadlineMs, awaited: "the process at the gate to end" });
  expect(readFileSync(log, "utf8")).toBe("");
});

test("a program that ignores the first signal is killed when its grace is over", async () => {
  const { identity } = launch("/bin/sh", ["-c", "trap '' TERM; echo begun; while :; do sleep 0.1; done"], {
    log,
    known: () => {},
  });
  await eventually(() => readFileSync(log, "utf8") !== "", { deadlineMs, awaited: "the trap to be set" });
  await end(identity, "SIGTERM", 300);
  expect(isAlive(identity)).toBe(false);
  await end(identity, "SIGTERM", 300); // nothing happens
});

test("a port that was taken in between is followed by another", async () => {
  const ports: number[] = [];
  const third = await onFreePort(async (port) => {
    ports.push(port);
    return ports.length < 3 ? "taken" : port;
  });
  expect(ports.length).toBe(3);
  expect(third).toBe(ports[2]);
  for (const port of ports) expect(port >= 10_000 && port <= 32_000).toBe(true);
  await expect(onFreePort(async () => "taken")).rejects.toThrow("found no free port");
});
