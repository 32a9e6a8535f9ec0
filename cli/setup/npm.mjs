/** The npm that started us, by our own Node; otherwise the one on PATH. */
import { run } from "./say.mjs";

/** @param {readonly string[]} args @param {string} cwd */
export function npm(args, cwd) {
  const started = process.env["npm_execpath"];
  return started?.endsWith("npm-cli.js")
    ? run(process.execPath, [started, ...args], { cwd })
    : run("npm", args, { cwd });
}
