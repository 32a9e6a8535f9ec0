/**
 * An engine's worker as a process of its own, for tests to kill and to stop in its tracks; a job whose payload begins
 * with `kill` does it itself. Prints a line per event: `start <payload>`, `settled <payload> <as> <fate>`. Arguments:
 * port, namespace, ms that each job takes (`never`: for ever), handlers at once, ms after which a job is to give way
 * (none of them does; then jobs of the type `beside` are worked as well, which do when they are told to, and there is
 * no grace).
 */
import { createInterface } from "node:readline";
import { connect, jobType } from "../index.ts";
import { pause } from "./deadline.ts";
import { leaseMs, sweepMs } from "./workers.ts";

const [port = "", namespace = "", takes = "", concurrency = "5", timeoutMs = ""] = process.argv.slice(2);
const engine = connect({ redis: { host: "127.0.0.1", port: Number(port) }, namespace, name: "process" });
const print = (line: string): void => void process.stdout.write(`${line}\n`);
const stop = new AbortController();
// Any line on standard input asks it to stop; its end means that the test is gone.
createInterface({ input: process.stdin })
  .once("line", () => stop.abort())
  .once("close", () => stop.signal.aborted || process.exit(1));

const timeLimit = timeoutMs === "" ? {} : { timeoutMs: Number(timeoutMs) };
const noGrace = timeoutMs === "" ? {} : { graceMs: 0 };
if (timeoutMs !== "")
  void engine.work(
    jobType({ name: "beside", leaseMs }),
    async ({ payload }, signal) => {
      print(`start ${payload}`);
      await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
    },
    { stop: stop.signal, ...noGrace },
  );

await engine.work(
  jobType({ name: "job", leaseMs, ...timeLimit }),
  async ({ payload }) => {
    print(`start ${payload}`);
    // oxlint-disable-next-line no-restricted-properties -- it is itself, and so no stranger
    if (payload.startsWith("kill")) process.kill(process.pid, "SIGKILL");
    if (takes === "never") await new Promise(() => {});
    await pause(Number(takes));
  },
  {
    stop: stop.signal,
    ...noGrace,
    concurrency: Number(concurrency),
    sweepMs,
    settled: ({ job, as, fate }) => print(`settled ${job.text} ${as} ${fate}`),
  },
);
await engine[Symbol.asyncDispose]();
process.exit(0);
