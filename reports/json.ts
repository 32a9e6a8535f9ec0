/** The result itself: for programs, and for reading a run again. Its shape is docs/result.schema.json. */
import type { Reporter } from "./contract.ts";

export const json: Reporter = {
  file: "result.json",
  about: "the whole outcome as one JSON value with a published schema",
  render: (result) => `${JSON.stringify(result, null, 1)}\n`,
};
