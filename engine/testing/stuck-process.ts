/** A worker whose only job does not heed its signal, and whose `onStuck` throws. Arguments: the port of its Redis. */
import { connect, jobType } from "../index.ts";
import { untyped } from "./untyped.ts";

const [port = ""] = process.argv.slice(2);
const engine = connect({
  redis: { host: "127.0.0.1", port: Number(port) },
  namespace: "stuck-process",
  failed: ({ message }) => process.stderr.write(`told: ${message}\n`),
});
const type = jobType({ name: "job", timeoutMs: 10 });
await engine.producer(type).enqueue([{ payload: "stuck" }]);
await engine.work(type, () => new Promise(() => {}), {
  stop: new AbortController().signal,
  onStuck: () => untyped(Promise.reject(Object.create(null))),
});
