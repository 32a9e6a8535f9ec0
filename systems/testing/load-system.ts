/** A system by its module, with the client libraries that this module would get. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { library } from "../../catalogues/configuration.ts";
import type { Context, System } from "../contract.ts";

export interface LoadedSystem {
  readonly system: System;
  readonly load: Context["load"];
}

/** @throws Error where its default export is no system */
export async function loadSystem(module: string): Promise<LoadedSystem> {
  const { default: system }: { readonly default?: System } = await import(module);
  if (typeof system?.connect !== "function")
    throw new Error(`${module} has no system for its default export: expected an object with connect(context, config)`);
  const directory = dirname(fileURLToPath(module));
  return { system, load: (name) => library(name, directory).load() };
}
