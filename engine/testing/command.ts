/** `engine serve` and `engine work` as processes, for tests and benchmarks. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { deadlineMs, eventually, within } from "./deadline.ts";

export const engineBin = fileURLToPath(new URL("../bin.mjs", import.meta.url));

export interface Started extends AsyncDisposable {
  /** Where it listens, as it says. */
  readonly url: string;
  readonly pid: number | undefined;
  signal(name: NodeJS.Signals): void;
  ended(): Promise<number | null>;
}

/** On a free port. @param module whose default export is a declaration */
export async function startEngine(
  command: "serve" | "work",
  module: string,
  variables: Readonly<Record<string, string>>,
): Promise<Started> {
  const child = spawn(process.execPath, [engineBin, command, module, "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...variables },
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (output += text));
  const exited = once(child, "exit");
  const url = (): string | undefined => /http:\S+/.exec(output)?.[0];
  await eventually(() => url() !== undefined, { deadlineMs, awaited: `engine ${command} to say where it listens` });
  return {
    url: url() ?? "",
    pid: child.pid,
    signal: (name) => void child.kill(name),
    async ended() {
      await within(exited, deadlineMs, `engine ${command} to end`);
      return child.exitCode;
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await within(exited, deadlineMs, `engine ${command} to be gone`);
    },
  };
}
