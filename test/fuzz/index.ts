/** Every door by its name. */
import type { Door } from "./contract.ts";
import { http } from "./http.ts";

export const doors: Readonly<Record<string, Door>> = { http };
