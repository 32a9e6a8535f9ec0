/** Finds a module of ours to start as a process: `.ts` in a checkout, `.js` in the package. */
import { fileURLToPath } from "node:url";

/** @param path relative to the caller, without its ending, such as `./worker-process` */
export function sibling(importMetaUrl: string, path: string): string {
  const ending = importMetaUrl.endsWith(".ts") ? ".ts" : ".js";
  return fileURLToPath(new URL(path + ending, importMetaUrl));
}
