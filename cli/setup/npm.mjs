/** The npm that started us, by our own Node; otherwise the one on PATH. */
import { delimiter, dirname } from "node:path";
import { run } from "./say.mjs";

/**
 * @param {readonly string[]} args
 * @param {string} cwd
 * @param {string} node that runs it, and for which it installs: by an older one it leaves out what is optional and takes a newer one
 */
export function npm(args, cwd, node = process.execPath) {
  const started = process.env["npm_execpath"];
  if (started?.endsWith("npm-cli.js")) return run(node, [started, ...args], { cwd });
  const env = { PATH: `${dirname(node)}${delimiter}${process.env["PATH"]}` };
  return run("npm", args, { cwd, env });
}
