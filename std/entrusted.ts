/**
 * Calls into code that is not ours, such as a configuration or an adapter. Each has a name and a deadline: what hangs,
 * or ends the whole process, is told by name, and hangs nobody else.
 */
import { Worker } from "node:worker_threads";
import { sibling } from "./sibling.ts";
import { beat, nextTurn } from "./turn.ts";
import { messageOf, UserError } from "./user-error.ts";

/**
 * Code that is not ours did not do what it must: one line that names it. Whether that is its user's mistake depends on
 * when.
 */
export class ForeignError extends Error {
  override readonly name = "ForeignError";
  /** `unsettled` when it neither answered nor failed. */
  readonly how: "unsettled" | "threw" | "junk";

  constructor(how: ForeignError["how"], message: string, options?: ErrorOptions) {
    super(message, options);
    this.how = how;
  }
}

interface UnderWay {
  readonly what: string;
  giveUp(why: string): void;
}

/** A deadline is so many beats, and a process that stands still has none: only time that it had counts. */
const beats = 20;

const underWay = new Set<UnderWay>();
/** Watches for one that does not give way. */
let thread: Worker | undefined;

/** What is called now, the last first: when the process ends by itself, that is who ended it. */
export const entrustedNow = (): readonly string[] => [...underWay].toReversed().map(({ what }) => what);

const giveUpAll = (why: string): void => {
  for (const { giveUp } of underWay) giveUp(why);
};
const ranDry = (): void => giveUpAll("does not settle: nothing is left that it waits for");
const tell = (): void => thread?.postMessage(entrustedNow()[0]);

/**
 * From here on a call that does not give way to the event loop for `ms` is broken off, wherever it is: no deadline of
 * ours would ever be looked at. Where that does not help, the process is killed.
 */
export function breakOffBlocked(ms: number): void {
  const turns = new Int32Array(new SharedArrayBuffer(4));
  const workerData = { turns, beats, everyMs: ms / beats };
  thread = new Worker(sibling(import.meta.url, "./blocked-thread"), { workerData });
  thread.on("message", () => giveUpAll(`did not give way for ${ms / 1000} s`));
  thread.on("error", () => {}); // then nobody watches
  thread.unref();
  beat(ms / beats, () => void Atomics.add(turns, 0, 1));
}

/**
 * What `call` gives, or throws. It begins in the next turn of the event loop.
 * @param what names the call, for a sentence: `system "orders": connect`
 * @throws ForeignError when it does not settle within `ms`, or nothing is left that could settle it
 */
export async function entrusted<T>(what: string, call: () => T | PromiseLike<T>, ms: number): Promise<T> {
  const given = Promise.withResolvers<never>();
  given.promise.catch(() => {}); // it may have been settled first
  const giveUp = (why: string): void => given.reject(new ForeignError("unsettled", `${what} ${why}`));
  const mine: UnderWay = { what, giveUp };
  let gone = 0;
  // A beat keeps no process alive: where nothing is left to wait for, that is known at once.
  const late = beat(ms / beats, () => void (++gone > beats && giveUp(`did not settle within ${ms / 1000} s`)));
  if (!process.listeners("beforeExit").includes(ranDry)) process.on("beforeExit", ranDry);
  underWay.add(mine);
  tell();
  try {
    return await Promise.race([nextTurn().then(call), given.promise]);
  } finally {
    late[Symbol.dispose]();
    underWay.delete(mine);
    tell();
  }
}

/**
 * What it gives. What it throws gets its name, unless it is told to its user as it is. @throws ForeignError, UserError
 */
export async function named<T>(what: string, call: () => T | PromiseLike<T>): Promise<T> {
  try {
    return await call();
  } catch (thrown) {
    if (thrown instanceof ForeignError || thrown instanceof UserError) throw thrown;
    throw new ForeignError("threw", `${what} threw: ${messageOf(thrown)}`, { cause: thrown });
  }
}
