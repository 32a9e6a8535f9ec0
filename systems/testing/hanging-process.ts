/**
 * A worker that takes jobs and never ends them, for tests to kill. Arguments: the URL of the system's module, its
 * settings and the way to the store as JSON, namespace, name.
 */
import { connectTest } from "./connect.ts";
import { loadSystem } from "./load-system.ts";

const [module = "", settings = "", way = "", namespace = "", name = ""] = process.argv.slice(2);
const { system, load } = await loadSystem(module);
const connection = await connectTest(system, JSON.parse(way), {
  namespace,
  name,
  load,
  settings: JSON.parse(settings),
});
const handle = (): Promise<void> => {
  process.stdout.write("started\n");
  return new Promise(() => {});
};
await connection.work({ handle, settled: () => {}, concurrency: 10 }, new AbortController().signal);
