/** A callback of a user's ends nothing, whatever it throws, now or later. */

/** The callback, if there is one. What it throws, or what its promise is rejected with, is reported to `failed`. */
export function guarded<Args extends readonly unknown[]>(
  callback: ((...args: Args) => unknown) | undefined,
  failed: (error: unknown) => void,
): (...args: Args) => void {
  return (...args) => {
    try {
      unawaited(callback?.(...args), failed);
    } catch (error) {
      failed(error);
    }
  };
}

/** A rejection of which nobody hears would end the process. */
export function unawaited(answer: unknown, failed: (error: unknown) => void): void {
  if (typeof answer === "object" && answer !== null) Promise.resolve(answer).then(undefined, failed);
}
