/** A process, not a number: pids are used again, so a pid is only trusted together with the time it started. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal for as long as it is the same process. */
  readonly startedAt: string;
}

/** Undefined when there is no such process, or when it is a zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const found = look(pid);
  return found === undefined || found.state === "Z" ? undefined : { pid, startedAt: found.startedAt };
}

export const isAlive = (identity: ProcessIdentity): boolean => identify(identity.pid)?.startedAt === identity.startedAt;

/** Whether it stands still (SIGSTOP), and is there. */
export function isStopped({ pid, startedAt }: ProcessIdentity): boolean {
  const found = look(pid);
  return found?.startedAt === startedAt && found.state === "T";
}

/** How much of a processor it has used so far, ms; undefined where it is gone, or the machine does not tell. */
export function processorMs({ pid, startedAt }: ProcessIdentity): number | undefined {
  const found = look(pid);
  return found?.startedAt === startedAt ? found.processorMs : undefined;
}

/** False, and nothing sent, when that process is gone. */
export function signal(identity: ProcessIdentity, name: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false;
  try {
    return process.kill(identity.pid, name);
  } catch {
    return false; // ended between the two lines
  }
}

/** All processes of the machine, as far as it tells. */
export const processIds = (): readonly number[] =>
  process.platform === "linux"
    ? readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []))
    : askPs("-axo", "pid=").split("\n").map(Number).filter(Boolean);

/** A variable that it was started with; undefined where it has none, is gone, or is not ours to look at. */
export function variableOf(pid: number, name: string): string | undefined {
  const begin = `${name}=`;
  const all =
    process.platform === "linux"
      ? readOrNothing(`/proc/${pid}/environ`).split("\0")
      : askPs("eww", "-o", "command=", "-p", String(pid)).split(" ");
  return all.find((one) => one.startsWith(begin))?.slice(begin.length);
}

/** What it calls itself, for a sentence. */
export const commandOf = (pid: number): string =>
  process.platform === "linux" ? readOrNothing(`/proc/${pid}/comm`).trim() : askPs("-o", "comm=", "-p", String(pid));

function readOrNothing(file: string): string {
  try {
    return readFileSync(file, "latin1");
  } catch {
    return "";
  }
}

function askPs(...words: readonly string[]): string {
  try {
    return execFileSync("ps", words, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return "";
  }
}

interface Seen {
  /** One letter: Z for a zombie, T for one that was stopped. */
  readonly state: string;
  readonly startedAt: string;
  readonly processorMs?: number;
}

/** The kernel counts processor time for others in hundredths of a second, whatever its own clock. */
const msPerTick = 10;

const look = (pid: number): Seen | undefined => (process.platform === "linux" ? lookLinux(pid) : lookPs(pid));

function lookLinux(pid: number): Seen | undefined {
  try {
    // Fields 3, 14, 15 and 22 of proc(5); the command name before them may itself hold blanks and parentheses.
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const [state, startedAt] = [fields[0], fields[19]];
    return state === undefined || startedAt === undefined
      ? undefined
      : { state, startedAt, processorMs: (Number(fields[11]) + Number(fields[12])) * msPerTick };
  } catch {
    return undefined;
  }
}

function lookPs(pid: number): Seen | undefined {
  try {
    const [state, ...started] = execFileSync("ps", ["-o", "state=,lstart=", "-p", String(pid)], { encoding: "utf8" })
      .trim()
      .split(/\s+/);
    return state === undefined ? undefined : { state: state.slice(0, 1), startedAt: started.join(" ") };
  } catch {
    return undefined;
  }
}
