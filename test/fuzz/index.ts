/** Every door by its name. */
import type { Door } from "./contract.ts";
import { options } from "./options.ts";

export const doors: Readonly<Record<string, Door>> = { options };
