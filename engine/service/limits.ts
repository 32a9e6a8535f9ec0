/** What one process of the service bears, whoever asks: fitted to 512 MiB of memory and 30 s to end. */
export interface Limits {
  /** Connections at once; more are closed unanswered. */
  readonly connectionsMax: number;
  /** From a connection, or the first byte of a request, to the end of its headers. */
  readonly headersMs: number;
  /** To the end of its body. */
  readonly requestMs: number;
  /** For which a caller that is sent an answer may take nothing of it. */
  readonly silentMs: number;
  /** All bodies at once, in memory, or twice the largest that a request may bring where that is more. */
  readonly bodiesBytesMax: number;
  /** All answers with jobs in them, and all looks through a queue, at once. */
  readonly answersBytesMax: number;
  /** Asked to stop: how long what has begun to come may go on, and how long an answer may take in all. */
  readonly stopBodiesMs: number;
  readonly stopMs: number;
}

const MiB = 2 ** 20;

export const shippedLimits: Limits = {
  connectionsMax: 8000,
  headersMs: 10_000,
  requestMs: 30_000,
  silentMs: 30_000,
  bodiesBytesMax: 32 * MiB,
  answersBytesMax: 32 * MiB,
  stopBodiesMs: 2000,
  stopMs: 13_000,
};

/** How deep JSON may be nested: checks, and whoever reads it later, go down by calling themselves. */
export const depthMax = 100;
