/** What the engine keeps in Redis: eleven keys for each job type, in one hash slot. */

export interface Keys {
  /** Stream: jobs that wait, and jobs in a worker's hands (the group's pending entries). Its length is exactly these. */
  readonly jobs: string;
  /** Sorted set by due time (broker's clock): jobs that were enqueued with a delay, and retries that wait out their backoff. */
  readonly delayed: string;
  /** String, there while anything is delayed: what the broker's clock said last, and how far it has been set back meanwhile. */
  readonly clock: string;
  /** Stream: jobs that used up their attempts. */
  readonly dead: string;
  /** Hash: lane of a producer to the number of its last batch, and what of that batch was not written. */
  readonly lanes: string;
  /** Hash: consumer to its heartbeat counter. Who is not in it owns nothing that others may not take. */
  readonly workers: string;
  /** Hash: consumer to the number and the results of its last batch of settlements. */
  readonly settled: string;
  /** Hash: entry id of a job that was suspected of ending its worker to the workers in which it ran alone, and of which no end is known. */
  readonly suspects: string;
  /** Hash: key that a caller gave to the id of its job, since the last turn of the two. */
  readonly known: string;
  /** The same, from the turn before. */
  readonly knownBefore: string;
  /** String: how often the workers have ticked, and at which tick the two were turned last. */
  readonly ticks: string;
}

export const keysOf = (namespace: string, jobType: string): Keys => {
  const key = (name: string): string => `${namespace}:{${jobType}}:${name}`;
  return {
    jobs: key("jobs"),
    delayed: key("delayed"),
    clock: key("clock"),
    dead: key("dead"),
    lanes: key("lanes"),
    workers: key("workers"),
    settled: key("settled"),
    suspects: key("suspects"),
    known: key("known"),
    knownBefore: key("known-before"),
    ticks: key("ticks"),
  };
};

export const group = "workers";

/** Holds what a stopping worker had not started. Never in `workers`, so every worker takes from it at once. */
export const released = "~released";

/** Holds what is to run alone. Never in `workers` either; its entries are taken one by one. */
export const suspected = "~suspected";
