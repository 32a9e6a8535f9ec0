/** What the engine keeps in Redis: six keys for each job type, in one hash slot. */

export interface Keys {
  /** Stream: jobs that wait, and jobs in a worker's hands (the group's pending entries). Its length is exactly these. */
  readonly jobs: string;
  /** Sorted set by due time (broker's clock): retries that wait out their backoff. */
  readonly delayed: string;
  /** Stream: jobs that used up their attempts. */
  readonly dead: string;
  /** Hash: lane of a producer to the number of its last batch. */
  readonly lanes: string;
  /** Hash: consumer to its heartbeat counter. Who is not in it owns nothing that others may not take. */
  readonly workers: string;
  /** Hash: consumer to the number and the results of its last batch of settlements. */
  readonly settled: string;
}

export const keysOf = (namespace: string, jobType: string): Keys => {
  const key = (name: string): string => `${namespace}:{${jobType}}:${name}`;
  return {
    jobs: key("jobs"),
    delayed: key("delayed"),
    dead: key("dead"),
    lanes: key("lanes"),
    workers: key("workers"),
    settled: key("settled"),
  };
};

export const group = "workers";

/** Holds what a stopping worker had not started. Never in `workers`, so every worker takes from it at once. */
export const released = "~released";
