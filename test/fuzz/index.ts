/** Every door by its name. */
import { configurations } from "./configurations.ts";
import type { Door } from "./contract.ts";
import { http } from "./http.ts";
import { journals } from "./journals.ts";
import { options } from "./options.ts";
import { payloads } from "./payloads.ts";
import { runDirectories } from "./run-directories.ts";

export const doors: Readonly<Record<string, Door>> = {
  configurations,
  http,
  journals,
  options,
  payloads,
  "run-directories": runDirectories,
};
