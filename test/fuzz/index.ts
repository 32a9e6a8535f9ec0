/** Every door by its name. */
import type { Door } from "./contract.ts";
import { payloads } from "./payloads.ts";

export const doors: Readonly<Record<string, Door>> = { payloads };
