/** Where the engine's tests still look for the files of the repository; everyone else asks `rules/tree.ts` itself. */
export { read, trackedPaths } from "../rules/tree.ts";
