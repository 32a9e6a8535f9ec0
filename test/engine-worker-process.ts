/**
 * An engine's worker as a process of its own, for tests to kill and to stop in its tracks. Prints a line per event: `start
 * <payload>`, `settled <payload> <as> <fate>`. Arguments: port, namespace, ms that each job takes (`never`: for ever).
 */
import { createInterface } from "node:readline";
import { connect, jobType } from "../engine/index.ts";
import { monotonic, pause } from "../std/clock.ts";
import { leaseMs, sweepMs } from "./engine.ts";

const [port = "", namespace = "", takes = ""] = process.argv.slice(2);
const engine = connect({ redis: { host: "127.0.0.1", port: Number(port) }, namespace, name: "process" });
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const stop = new AbortController();
// Any line on standard input asks it to stop; its end means that the test is gone.
createInterface({ input: process.stdin })
  .once("line", () => stop.abort())
  .once("close", () => stop.signal.aborted || process.exit(1));

await engine.work(
  jobType({ name: "job", leaseMs }),
  async ({ payload }) => {
    print(`start ${payload}`);
    if (takes === "never") await new Promise(() => {});
    await pause(monotonic, Number(takes));
  },
  {
    stop: stop.signal,
    concurrency: 5,
    sweepMs,
    settled: ({ job, as, fate }) => print(`settled ${job.text} ${as} ${fate}`),
  },
);
await engine[Symbol.asyncDispose]();
process.exit(0);
