/** What mutants need that write some jobs with a longer delay than was asked for. */
import type { Connection, Job } from "../contract.ts";

/** @param lateMs how much longer the delay of that job is to be */
export const enqueuingLate = (connection: Connection, lateMs: (job: Job) => number): Connection => ({
  ...connection,
  enqueue: (jobs) =>
    connection.enqueue(
      jobs.map((job) => {
        const late = lateMs(job);
        return late === 0 ? job : { ...job, delayMs: (job.delayMs ?? 0) + late };
      }),
    ),
});
