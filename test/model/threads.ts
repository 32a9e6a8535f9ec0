/** Hands the portions of a study to as many threads as there are processors, each the next one when it is through. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { sibling } from "../../std/sibling.ts";
import type { Portion, Tally } from "./study.ts";

/**
 * @param told after each portion, in any order
 * @throws what a thread threw, and stops the others
 */
export async function studyAll(
  portions: readonly Portion[],
  told: (portion: Portion, tally: Tally) => void,
): Promise<void> {
  const left = portions.values();
  const threads: Worker[] = [];
  const work = (): Promise<void> =>
    new Promise((done, failed) => {
      const thread = new Worker(sibling(import.meta.url, "./study-thread"));
      threads.push(thread);
      let portion: Portion | undefined;
      const next = (): void => {
        portion = left.next().value;
        if (portion === undefined) done();
        else thread.postMessage(portion);
      };
      thread.on("message", (tally: Tally) => {
        if (portion !== undefined) told(portion, tally);
        next();
      });
      thread.on("error", failed);
      thread.on("exit", (code) => failed(new Error(`a thread of the study ended with code ${code}`)));
      next();
    });
  try {
    await Promise.all(Array.from({ length: availableParallelism() }, work));
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}
