/**
 * The broker's refusals: whether each passes by itself, what it is called for a program, and what a human can do about
 * it.
 */

/** Why a job was not written. */
export type Reason =
  /** The job type's depth limit: enqueue less, work more, or try again later. */
  | "full"
  /** The broker's memory is used up. */
  | "memory"
  /** It is a replica, or has too few of them. */
  | "read-only"
  /** It is starting, or electing. */
  | "loading"
  /** It cannot save to its disk. */
  | "disk"
  /** Its password or its permissions. */
  | "access"
  /** It could not be reached in time. */
  | "away"
  /** The producer or its engine was closed before. */
  | "closed"
  | "other";

export interface Refusal {
  readonly reason: Reason;
  readonly advice: string;
  /** Worth waiting for. All others go to the caller at once. */
  readonly passes: boolean;
}

const wait = "it is tried again until the producer's deadline";
const password = "give `redis.password` (and `redis.username`) as the broker has it";
const cluster = "it is a node of a cluster: give some of its nodes, `redis: { cluster: [{ host, port }] }`";

/**
 * By the first word of the error. All are given before anything was written; an error that is not here may have come in
 * the middle of a script.
 */
const refusals: Readonly<Record<string, Refusal>> = {
  OOM: {
    reason: "memory",
    advice:
      "let workers drain it, which a full broker allows, or raise its maxmemory; set maxDepth to be refused sooner",
    passes: false,
  },
  READONLY: { reason: "read-only", advice: `give the address of the primary; ${wait}`, passes: true },
  NOREPLICAS: { reason: "read-only", advice: `bring its replicas back (min-replicas-to-write); ${wait}`, passes: true },
  LOADING: { reason: "loading", advice: `it reads its data, and will be back; ${wait}`, passes: true },
  MASTERDOWN: { reason: "loading", advice: `a replica has lost its primary; ${wait}`, passes: true },
  CLUSTERDOWN: { reason: "loading", advice: `the cluster has lost a part of it; ${wait}`, passes: true },
  TRYAGAIN: { reason: "loading", advice: `the cluster moves its keys; ${wait}`, passes: true },
  BUSY: {
    reason: "loading",
    advice: `a script of somebody else runs for long (SCRIPT KILL ends it); ${wait}`,
    passes: true,
  },
  MISCONF: { reason: "disk", advice: `its last save failed: look at its log and its disk; ${wait}`, passes: true },
  NOAUTH: { reason: "access", advice: password, passes: false },
  WRONGPASS: { reason: "access", advice: password, passes: false },
  NOPERM: { reason: "access", advice: "its user lacks a permission (ACL) that the engine needs", passes: false },
  DENIED: {
    reason: "access",
    advice: "it is in protected mode: give it a password or an address to bind to",
    passes: false,
  },
  /** What the script `enqueue` says of an error before its first write. */
  UNWRITTEN: {
    reason: "access",
    advice: "nothing was written: the broker lacks a command that the engine needs, or forbids it to its user (ACL)",
    passes: false,
  },
  MOVED: { reason: "other", advice: cluster, passes: false },
  ASK: { reason: "other", advice: cluster, passes: false },
};

/** Undefined for an error that proves nothing. */
export const refusalOf = (code: string): Refusal | undefined => refusals[code];
