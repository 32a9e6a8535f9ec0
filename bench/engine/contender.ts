/**
 * One queue in the race: the same two processes for each, a producer and a worker, and the same empty handler. Types
 * only.
 */
import type { Address } from "../../systems/contract.ts";

/** Jobs to one call of each client: what a caller who cares would send at once. */
export const batchJobs = 100;
/** Handlers at once, where a client has them. */
export const concurrency = 100;
export const payload = "0123456789".repeat(20);

export interface Contender {
  readonly about: string;
  /** Connects; the function sends so many jobs, a batch at a time, and resolves when all are acknowledged. */
  producer(address: Address): Promise<(jobs: number) => Promise<void>>;
  /** Resolves when it waits for jobs; calls `settled` with the number of jobs whose settlement has been answered. */
  worker(address: Address, handle: Handle, settled: (jobs: number) => void): Promise<void>;
}

export type Handle = (payload: string) => Promise<void>;
