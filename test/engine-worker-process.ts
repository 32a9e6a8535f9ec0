/**
 * An engine's worker as a process of its own, for tests to kill and to stop in its tracks; a job whose payload begins with `kill` does
 * it itself. Prints a line per event: `start <payload>`, `settled <payload> <as> <fate>`. Arguments: port, namespace, ms that each job
 * takes (`never`: for ever), handlers at once.
 */
import { createInterface } from "node:readline";
import { connect, jobType } from "../engine/index.ts";
import { monotonic, pause } from "../std/clock.ts";
import { identify, signal } from "../std/process-identity.ts";
import { leaseMs, sweepMs } from "./engine.ts";

const [port = "", namespace = "", takes = "", concurrency = "5"] = process.argv.slice(2);
const engine = connect({ redis: { host: "127.0.0.1", port: Number(port) }, namespace, name: "process" });
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const self = identify(process.pid);
const stop = new AbortController();
// Any line on standard input asks it to stop; its end means that the test is gone.
createInterface({ input: process.stdin })
  .once("line", () => stop.abort())
  .once("close", () => stop.signal.aborted || process.exit(1));

await engine.work(
  jobType({ name: "job", leaseMs }),
  async ({ payload }) => {
    print(`start ${payload}`);
    if (self !== undefined && payload.startsWith("kill")) signal(self, "SIGKILL");
    if (takes === "never") await new Promise(() => {});
    await pause(monotonic, Number(takes));
  },
  {
    stop: stop.signal,
    concurrency: Number(concurrency),
    sweepMs,
    settled: ({ job, as, fate }) => print(`settled ${job.text} ${as} ${fate}`),
  },
);
await engine[Symbol.asyncDispose]();
process.exit(0);
