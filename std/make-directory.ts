/**
 * Makes a directory and those above it, a level at a time: where nothing can be made, as on a pseudo file system, that
 * is told, while Node's own way with `recursive` tries for ever.
 */
import { mkdirSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** @throws the error of the system for the level that cannot be made */
export function makeDirectory(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) return;
  if (dirname(path) !== path) makeDirectory(dirname(path));
  try {
    mkdirSync(path);
  } catch (thrown) {
    // Another process was quicker.
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) throw thrown;
  }
}
