/**
 * What the engine's tests have in common: a worker in this process, one in a process of its own, and a look at what is
 * held.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import type {
  DeadJob,
  DeadLetterFilter,
  Engine,
  Found,
  Handler,
  JobType,
  NewJob,
  Settled,
  WorkOptions,
} from "../engine/index.ts";
import { eventually, within } from "../std/deadline.ts";
import { sibling } from "../std/sibling.ts";

/** A busy machine is ten times slower. */
export const deadlineMs = 120_000;
/** Short, where a test waits for its end. */
export const leaseMs = 2500;
/** Long, where nobody is to look dead, however busy the machine. */
export const longLeaseMs = 60_000;
export const sweepMs = 300;
/** What a busy machine adds to a bound. */
export const slackMs = 10_000;

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
      sibling(import.meta.url, "./engine-worker-process"),
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

/** Everything that is held, without counts that agree and leftovers that are none. */
export async function heldBy(engine: Engine, type: JobType<string>): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const one of engine.inspect(type)) found.push(one);
  const at = (place: string): number => found.filter((one) => "at" in one && one.at === place).length;
  return found.filter((one) => !("count" in one) || ("of" in one ? at(one.of) !== one.count : one.count > 0));
}

type Terms = Omit<NewJob<unknown>, "payload">;

/** A job for each payload, with the same terms or with its own. */
export const jobsOf = <Payload>(
  payloads: readonly Payload[],
  terms: Terms | ((payload: Payload, index: number) => Terms) = {},
): readonly NewJob<Payload>[] =>
  payloads.map((payload, index) => ({ payload, ...(typeof terms === "function" ? terms(payload, index) : terms) }));

/** Enqueues them and lets them die, in order; the error names the payload. */
export async function kill(engine: Engine, type: JobType<string>, payloads: readonly string[]): Promise<void> {
  await using worker = workHere(
    engine,
    type,
    async ({ payload, attempt }) => {
      throw new Error(`${payload} failed on ${attempt}`);
    },
    { concurrency: 1 },
  );
  await engine.producer(type).enqueue(jobsOf(payloads));
  await eventually(() => worker.settlements.filter(({ as }) => as === "dead").length === payloads.length, {
    deadlineMs,
    awaited: "all to be dead",
  });
}

/** Every dead letter that is asked for. */
export async function lettersOf(
  engine: Engine,
  type: JobType<string>,
  which?: DeadLetterFilter,
): Promise<readonly DeadJob[]> {
  const letters: DeadJob[] = [];
  for await (const letter of engine.deadLetters(type).list(which)) letters.push(letter);
  return letters;
}
