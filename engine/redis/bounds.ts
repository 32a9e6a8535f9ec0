/** How many bytes of payloads are anywhere at once: what comes in one reply, in one step, and in flight. */
const MiB = 2 ** 20;

/**
 * Of one payload, where its job type does not say otherwise: a full read of these is not more than may be in flight.
 */
export const payloadBytesDefault = 2 ** 18;

/** What a worker holds of one part, running or not. No payload may be larger, so there is always room for one. */
export const inFlightBytesMax = 64 * MiB;

/**
 * After so many, a script or a page ends, and the next one goes on: whoever else asks the broker waits for no longer
 * than that.
 */
export const stepBytesMax = 4 * MiB;

/** The same for what has to be counted before its size is known, or is one step whatever its size. */
export const batchBytesMax = 16 * MiB;

/** So many payloads of that size fit. */
export const fitting = (bytes: number, payloadBytesMax: number): number => Math.floor(bytes / payloadBytesMax);

/** Upper limit of what is moved, read back or handed back in one step: a script keeps everybody else waiting. */
export const stepEntriesMax = 500;
