/** How large a run can be that is judged here: its columns are in memory, and its plan says how long they are. */
import { totalmem } from "node:os";
import { recordBytes } from "../history/record.ts";
import { jobsMost } from "../scenarios/schema.ts";

/** Of the ledger's columns while it is read (history/ledger-builder.ts), and a little beside them. */
const columnBytes = 40;
const besideBytes = 64 << 20;

/** Of each job on average: a thousand starts of it, at least. */
const recordsPerJobMost = 2000;
/** Processes tick also where there are no jobs. */
const ticksBytes = 2 ** 30;

/** Of this machine, or of the container that this process is in. */
export function memoryBytes(): number {
  const allowed = process.constrainedMemory();
  return allowed > 0 ? Math.min(allowed, totalmem()) : totalmem();
}

/** Why so many jobs cannot be judged, as a clause; undefined where they can. */
export function tooManyToJudge(jobs: number, memory = memoryBytes()): string | undefined {
  if (jobs > jobsMost) return `${jobs} jobs are more than ${jobsMost}, the most that a run may have`;
  const needed = jobs * columnBytes + besideBytes;
  if (needed <= memory) return undefined;
  return `${jobs} jobs take ${inMebibytes(needed)} of memory to be judged, and here are ${inMebibytes(memory)}`;
}

/** As much as a run of that plan can have left in one of its files, however broken its queue was. */
export const historyBytesMost = (jobs: number): number => ticksBytes + jobs * recordsPerJobMost * recordBytes;

export const inMebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString("en-US")} MiB`;
