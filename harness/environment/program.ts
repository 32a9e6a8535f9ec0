/**
 * Finds a program of the machine: named by a variable, on PATH, or in the cache where the set-up puts what it fetches.
 */
import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { cacheDirectory } from "../../std/cache-directory.ts";
import { UserError } from "../../std/user-error.ts";
import type { Unavailable } from "./closed-way.ts";
import type { Component } from "./ways.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** @throws UserError when the variable names what is no program */
export function findProgram(
  { program, variable }: Component,
  variables: Variables = process.env,
): { readonly path: string } | Unavailable {
  const named = variables[variable];
  if (named) {
    if (isProgram(named)) return { path: named };
    throw new UserError(`${variable} names ${named}, which is not a program that can be run`);
  }
  const cache = join(cacheDirectory(variables), "bin");
  const folders = [...(variables["PATH"] ?? "").split(delimiter).filter(Boolean), cache];
  const path = folders.map((folder) => join(folder, program)).find(isProgram);
  return path === undefined ? { unavailable: `${program} is neither on PATH nor in ${cache}` } : { path };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
