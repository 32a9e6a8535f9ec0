/** Prometheus' own tool, named by PROMTOOL or else on PATH. */
import { spawnSync } from "node:child_process";

export const promtool = process.env["PROMTOOL"] || "promtool";

/** What the names of tests that ask it end with: nothing where it is there. */
export const untested =
  spawnSync(promtool, ["--version"]).error === undefined
    ? ""
    : ", not tested here: there is no promtool (Debian's prometheus)";
