/**
 * A worker that takes jobs and never ends them, for tests to kill. Arguments: system, profile, the way to the store as
 * JSON, namespace, name.
 */
import { systems } from "../index.ts";
import type { System } from "../contract.ts";
import { connectTest } from "./connect.ts";

const [name = "", profile = "", way = "", namespace = "", own = ""] = process.argv.slice(2);
const entry = Object.entries(systems).find(([candidate]) => candidate === name)?.[1];
if (entry === undefined) throw new Error(`no system is called ${name}`);
const system: System = (await entry()).default;
const connection = await connectTest(system, JSON.parse(way), { namespace, name: own, profile });
const handle = (): Promise<void> => {
  process.stdout.write("started\n");
  return new Promise(() => {});
};
await connection.work({ handle, settled: () => {}, concurrency: 10 }, new AbortController().signal);
