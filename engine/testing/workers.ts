/** Workers of a test's own: in this process, or in one that it may kill and stop in its tracks. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Engine, Handler, JobType, Settled, WorkOptions } from "../index.ts";
import { deadlineMs, within } from "./deadline.ts";

/** Short, where a test waits for its end. */
export const leaseMs = 2500;
/** Long, where nobody is to look dead, however busy the machine. */
export const longLeaseMs = 60_000;
export const sweepMs = 300;

export interface InProcess extends AsyncDisposable {
  /** Payloads in the order of their starts, each with its attempt. */
  readonly starts: readonly string[];
  readonly settlements: readonly Settled[];
  stop(): Promise<void>;
}

/** A worker in this process until it is stopped, or the test is over. */
export function workHere(
  engine: Engine,
  type: JobType<string>,
  handle: Handler<string> = async () => {},
  options: Partial<WorkOptions> = {},
): InProcess {
  const starts: string[] = [];
  const settlements: Settled[] = [];
  const stopping = new AbortController();
  const ended = engine.work(
    type,
    (job, signal) => {
      starts.push(`${job.payload} ${job.attempt}`);
      return handle(job, signal);
    },
    { sweepMs, ...options, stop: stopping.signal, settled: (settled) => settlements.push(settled) },
  );
  const stop = (): Promise<void> => {
    stopping.abort();
    return within(ended, deadlineMs, "the worker to stop");
  };
  return { starts, settlements, stop, [Symbol.asyncDispose]: stop };
}

export interface OwnProcess extends AsyncDisposable {
  /** What it printed. */
  lines(): readonly string[];
  isGone(): boolean;
  signal(name: NodeJS.Signals): void;
  /** Asks it to stop and waits for its end. */
  stop(): Promise<number | null>;
}

/** @param takes ms for each job, or `never` */
export function workElsewhere(
  port: number,
  namespace: string,
  takes: number | "never",
  concurrency = 5,
  timeoutMs?: number,
): OwnProcess {
  const child = spawn(
    process.execPath,
    [
      fileURLToPath(new URL("worker-process.ts", import.meta.url)),
      String(port),
      namespace,
      String(takes),
      String(concurrency),
      String(timeoutMs ?? ""),
    ],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  child.stdin.on("error", () => {}); // it is gone
  const exited = once(child, "exit");
  const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    isGone,
    lines: () => output.split("\n").slice(0, -1),
    signal: (name) => void child.kill(name),
    async stop() {
      child.stdin.write("stop\n");
      await within(exited, deadlineMs, "the worker process to stop");
      return child.exitCode;
    },
    async [Symbol.asyncDispose]() {
      if (!isGone()) child.kill("SIGKILL");
      await within(exited, deadlineMs, "the worker process to be gone");
    },
  };
}
