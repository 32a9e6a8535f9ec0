/** One directory a run: everything that is needed to judge, report and repeat it. The names in it are fixed here. */
import { randomBytes } from "node:crypto";
import { accessSync, constants, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseJson } from "../std/json.ts";
import { makeDirectory } from "../std/make-directory.ts";
import { isThere, readPlain } from "../std/plain-file.ts";
import { messageOf, UserError } from "../std/user-error.ts";

export interface RunDirectory {
  readonly id: string;
  readonly path: string;
  readonly journal: string;
  readonly description: string;
  /** Holds one file per incarnation. */
  readonly history: string;
  log(name: string): string;
  file(name: string): string;
}

export const journalName = "journal.jsonl";
/** Checksums of the record, from when the run was over. */
export const sealName = "record.sha256";

export function runDirectory(path: string): RunDirectory {
  return {
    id: basename(path),
    path,
    journal: join(path, journalName),
    description: join(path, "run.json"),
    history: join(path, "history"),
    log: (name) => join(path, "logs", `${name}.log`),
    file: (name) => join(path, name),
  };
}

/** A file system takes no longer ones than 255 bytes. */
const nameMost = 200;

/** @throws UserError when the place cannot be written */
export function createRunDirectory(runs: string, name: string, now: Date): RunDirectory {
  const stamp = now.toISOString().replaceAll(/[:.]/g, "-").slice(0, 23);
  // A system is called as its user likes, and a directory is one level.
  const path = join(resolve(runs), `${stamp}-${name.replaceAll(/[^\w.-]+/g, "-").slice(0, nameMost)}`);
  try {
    makeDirectory(resolve(runs));
    mkdirSync(path);
    mkdirSync(join(path, "history"));
    mkdirSync(join(path, "logs"));
    accessSync(path, constants.W_OK);
    pointLatest(resolve(runs), path);
  } catch (thrown) {
    throw new UserError(
      `the run directory ${path} cannot be made (${messageOf(thrown)}): choose a writable place with --runs`,
    );
  }
  return runDirectory(path);
}

/** `runs/latest`, replaced in one step; a file system without links goes without. */
function pointLatest(runs: string, path: string): void {
  const link = join(runs, `.latest-${process.pid}`);
  try {
    symlinkSync(basename(path), link);
    renameSync(link, join(runs, "latest"));
  } catch {
    // it is a convenience only
  }
}

/**
 * In one step: there is the whole file, or the one before it. No link is followed. @throws UserError when it cannot be
 * written
 */
export function write(directory: RunDirectory, name: string, content: string): void {
  const beside = directory.file(`.${name}.${randomBytes(4).toString("hex")}`);
  try {
    writeFileSync(beside, content, { flag: "wx" });
    renameSync(beside, directory.file(name));
  } catch (thrown) {
    rmSync(beside, { force: true });
    throw new UserError(
      `${directory.file(name)} cannot be written (${messageOf(thrown)}): make room for it, or move away what stands there`,
    );
  }
}

/** @throws UserError when it is no run */
export function openRunDirectory(path: string): RunDirectory {
  const directory = runDirectory(resolve(path));
  if (![directory.description, directory.journal, directory.file(sealName)].some(isThere)) {
    throw new UserError(`${resolve(path)} holds no run: name a directory below runs/, such as runs/latest`);
  }
  return directory;
}

/** A result of twelve hours, second by second, has a tenth of it. */
const jsonBytesMost = 64 << 20;

/** @throws Error when it is no file, too long or no JSON */
export const readJson = (file: string): unknown => parseJson(readPlain(file, jsonBytesMost).toString("utf8"));
