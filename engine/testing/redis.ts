/**
 * A redis-server of a test's own: a free port, a directory that goes with it, and the same data when it is started
 * again.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually, pause, within } from "./deadline.ts";
import { onFreePort } from "./free-port.ts";

const host = "127.0.0.1";
const readyDeadlineMs = 60_000;
const exitDeadlineMs = 60_000;

export interface TestRedis extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly directory: string;
  /** Resolves when the process is gone. SIGTERM saves what the configuration says, SIGKILL is a crash. */
  stop(how?: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** On the same port and data; resolves when it answers. */
  start(): Promise<void>;
}

/**
 * Appends to a file and syncs it each second, as most do.
 * @param settings more of them, such as `["--maxmemory", "10mb"]`
 * @param variables environment variables of its own
 */
export async function startRedis(
  settings: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
): Promise<TestRedis> {
  const directory = await mkdtemp(join(tmpdir(), "whitewater-redis-"));
  return onFreePort(async (port) => {
    const launching = (): Promise<ChildProcess | "taken"> => launch(port, directory, settings, variables);
    const server = await launching();
    return server === "taken" ? server : running(port, directory, launching, server);
  });
}

function running(
  port: number,
  directory: string,
  launching: () => Promise<ChildProcess | "taken">,
  first: ChildProcess,
): TestRedis {
  let server: ChildProcess | undefined = first;
  const lastResort = (): void => void server?.kill("SIGKILL");
  process.once("exit", lastResort);
  const stop: TestRedis["stop"] = async (how = "SIGTERM") => {
    const stopping = server;
    server = undefined;
    if (stopping === undefined || stopping.exitCode !== null || stopping.signalCode !== null) return;
    const exited = once(stopping, "exit");
    // While it writes its first append-only file, as after it became a replica, it refuses to go: it is asked again.
    const asked = async (): Promise<boolean> => {
      stopping.kill(how);
      await Promise.race([exited, pause(1000)]);
      return stopping.exitCode !== null || stopping.signalCode !== null;
    };
    await eventually(asked, { deadlineMs: exitDeadlineMs, awaited: "redis-server to exit" });
  };
  return {
    host,
    port,
    directory,
    stop,
    async start() {
      if (server !== undefined) return;
      const started = await launching();
      if (started === "taken") throw new Error(`port ${port} was taken while redis-server was stopped`);
      server = started;
    },
    async [Symbol.asyncDispose]() {
      await stop("SIGKILL");
      process.off("exit", lastResort);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Its log says when it is ready: another server that answers on the port is not mistaken for it. */
async function launch(
  port: number,
  directory: string,
  settings: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<ChildProcess | "taken"> {
  const words = `--port ${port} --bind ${host} --appendonly yes --appendfsync everysec`.split(" ");
  const server = spawn("redis-server", [...words, "--save", "", "--dir", directory, ...settings], {
    stdio: ["ignore", "pipe", "ignore"],
    env: { ...process.env, ...variables },
  });
  let log = "";
  const ready = new Promise<ChildProcess | "taken">((resolve, reject) => {
    server.stdout.setEncoding("utf8").on("data", (text: string) => {
      if (log.length < 100_000) log += text;
      if (log.includes("Ready to accept connections")) resolve(server);
    });
    server.once("error", reject);
    server.once("exit", (code) => {
      if (log.includes("Address already in use")) resolve("taken");
      else reject(new Error(`redis-server ended with ${code}:\n${log}`));
    });
  });
  try {
    return await within(ready, readyDeadlineMs, "redis-server to be ready");
  } catch (error) {
    server.kill("SIGKILL");
    throw error;
  }
}
