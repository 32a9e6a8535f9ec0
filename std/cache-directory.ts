/** Where things are kept that can be had again: what the set-up fetched, what Node compiled. */
import { homedir } from "node:os";
import { join } from "node:path";

type Variables = Readonly<Record<string, string | undefined>>;

export const cacheDirectory = (variables: Variables = process.env): string =>
  join(variables["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "whitewater");
