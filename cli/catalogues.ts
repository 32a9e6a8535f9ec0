/**
 * Which catalogues a command works with, and where client libraries come from: the working directory's configuration.
 */
import { dirname, resolve } from "node:path";
import type { Catalogues } from "../catalogues/catalogues.ts";
import { findConfiguration, loadCatalogues } from "../catalogues/configuration.ts";
import { sibling } from "../std/sibling.ts";
import type { Option, Words } from "./command.ts";

export interface InForce {
  readonly catalogues: Catalogues;
  /** The module that exports them, for other processes to load. */
  readonly configuration: string;
  /** Client libraries are resolved from here. */
  readonly directory: string;
}

export const configurationOption: Readonly<Record<string, Option>> = {
  config: {
    about: "the configuration (default: whitewater.config.ts here, else the built-in catalogues)",
    value: "FILE",
  },
};

/** @throws UserError when there is one and it cannot be used */
export async function inForce(words: Words): Promise<InForce> {
  const given = words.text("config");
  const own = given === undefined ? findConfiguration(process.cwd()) : resolve(given);
  const configuration = own ?? sibling(import.meta.url, "../index");
  return {
    catalogues: await loadCatalogues(configuration),
    configuration,
    directory: own === undefined ? process.cwd() : dirname(own),
  };
}
