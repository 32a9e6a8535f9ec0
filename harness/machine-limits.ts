/**
 * What a run needs of the machine, held against what there is, before anything is started: what is short is told in one
 * message, and is not found out half-way, by an endless wait or by the kernel.
 */
import { readFileSync, statfsSync } from "node:fs";
import { dirname } from "node:path";
import { recordBytes } from "../history/record.ts";
import { isThere } from "../std/plain-file.ts";
import { UserError } from "../std/user-error.ts";
import { inMebibytes, memoryBytes, tooManyToJudge } from "./judging-room.ts";
import type { Plan } from "./plan.ts";

export interface Machine {
  readonly memoryBytes: number;
  /** That one process may have open. */
  readonly descriptors: number;
  /** For outgoing connections to one address. */
  readonly ports: number;
  /** Free, where runs are kept. */
  readonly diskBytes: number;
}

/** Of a Node that does nothing but what a worker does, at the least. */
const processBytes = 32 << 20;
/** For servers, the harness itself and all else. */
const besideBytes = 192 << 20;
/**
 * Of the harness: its own files, and a channel to each process; of the store, its files, and the connections of each.
 */
const descriptorsBeside = 40;
const connectionsBeside = 2;
/** A job's life, in a run in which little goes wrong. */
const recordsPerJob = 6;
const diskBeside = 1 << 20;

type Needs = Pick<Plan, "jobs" | "load" | "roles" | "proxied">;

/** Clauses that say what is short, and what would help; none where it all fits. */
export function shortages({ jobs, load, roles, proxied }: Needs, machine: Machine): readonly string[] {
  const processes = load.workers + load.producers;
  const connections = processes * (roles.length + connectionsBeside);
  const needs = {
    memory: processes * processBytes + besideBytes,
    // Of the harness, or of the servers: a proxied connection has two ends.
    descriptors:
      descriptorsBeside + Math.max(processes * connectionsBeside, connections, 2 * proxied.length * roles.length),
    ports: 2 * connections,
    disk: jobs * recordsPerJob * recordBytes + diskBeside,
  };
  const fleet = `${load.workers} workers and ${load.producers} producers`;
  const tooMany = tooManyToJudge(jobs, machine.memoryBytes);
  return [
    ...(needs.memory <= machine.memoryBytes
      ? []
      : [
          `${fleet} take ${inMebibytes(needs.memory)} of memory, and here are ${inMebibytes(machine.memoryBytes)}: take fewer`,
        ]),
    ...(tooMany === undefined ? [] : [`${tooMany}: take fewer (--jobs)`]),
    ...(needs.descriptors <= machine.descriptors
      ? []
      : [
          `${fleet} take ${needs.descriptors} open files in one process, and ${machine.descriptors} are allowed: raise \`ulimit -n\`, or take fewer`,
        ]),
    ...(needs.ports <= machine.ports
      ? []
      : [
          `${fleet} take ${needs.ports} ports for their connections, and this machine gives out ${machine.ports}: take fewer`,
        ]),
    ...(needs.disk <= machine.diskBytes
      ? []
      : [
          `the history of ${jobs} jobs takes ${inMebibytes(needs.disk)}, and ${inMebibytes(machine.diskBytes)} are free where runs are kept: make room, or name another place with --runs`,
        ]),
  ];
}

/** @throws UserError with all that is short */
export function expectRoom(plan: Needs & Pick<Plan, "scenario">, machine: Machine): void {
  const short = shortages(plan, machine);
  if (short.length === 0) return;
  throw new UserError(
    [`scenario "${plan.scenario}" is too large for this machine:`, ...short.map((what) => `  - ${what}`)].join("\n"),
  );
}

/** @param runs where runs are kept, which need not be there yet */
export function thisMachine(runs: string): Machine {
  return { memoryBytes: memoryBytes(), descriptors: descriptors(), ports: ports(), diskBytes: freeBytes(runs) };
}

/** As Node itself has raised them; without a limit where the machine does not tell. */
function descriptors(): number {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

/** The range of IANA where the machine does not tell. */
function ports(): number {
  try {
    const [from = 0, to = 0] = readFileSync("/proc/sys/net/ipv4/ip_local_port_range", "utf8")
      .trim()
      .split(/\s+/)
      .map(Number);
    return to - from + 1;
  } catch {
    return 65_535 - 49_152 + 1;
  }
}

function freeBytes(runs: string): number {
  let place = runs;
  while (!isThere(place) && dirname(place) !== place) place = dirname(place);
  try {
    const { bavail, bsize } = statfsSync(place);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY; // whatever is wrong with it is told when the directory is made
  }
}
