/** One set-up at a time in a checkout: two `npm ci` at once both fail. A lock whose owner died is taken over. */
import { execFileSync } from "node:child_process";
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { say, SetupError } from "./say.mjs";

const longestWaitMs = 15 * 60_000;
const pollMs = 200;

/**
 * Does `work` while no other process does it.
 * @template T
 * @param {string} file
 * @param {() => T} work
 * @returns {T}
 */
export function locked(file, work) {
  const mine = JSON.stringify({ pid: process.pid, startedAt: startOf(process.pid) });
  for (let waitedMs = 0; !take(file, mine); waitedMs += pollMs) {
    const owner = read(file);
    if (owner === undefined) continue;
    if (!isAlive(owner)) takeAway(file, owner);
    else if (waitedMs === 0) say(`waiting for another set-up (process ${JSON.parse(owner).pid}) ...`);
    else if (waitedMs > longestWaitMs)
      throw new SetupError(`another set-up holds ${file} for too long; if none runs, remove that file.`);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pollMs);
  }
  try {
    return work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Appears with its content or not at all. @param {string} file @param {string} content */
function take(file, content) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, content);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Moved before it is removed: of two that find it stale, one moves it, and neither removes the other's new one. @param {string} file @param {string} stale */
function takeAway(file, stale) {
  const moved = `${file}.stale-${process.pid}`;
  try {
    renameSync(file, moved);
    if (read(moved) !== stale) linkSync(moved, file); // meanwhile it became someone's: give it back
  } catch {
    // the other one moved it
  } finally {
    rmSync(moved, { force: true });
  }
}

/** @param {string} file @returns {string | undefined} */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** @param {string} owner */
function isAlive(owner) {
  try {
    const { pid, startedAt } = JSON.parse(owner);
    return startOf(pid) === startedAt;
  } catch {
    return false;
  }
}

/** Tells a process from a later one with the same pid. @param {number} pid @returns {string} empty when there is none */
function startOf(pid) {
  try {
    if (process.platform !== "linux")
      return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim();
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "";
  } catch {
    return "";
  }
}
