/**
 * The processes of one configuration in one round: a producer and a worker, started once, idle until it is their turn, so
 * that what a process costs to start is no part of any figure.
 */
import type { Journal } from "../../history/journal-file.ts";
import { within } from "../../std/deadline.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import { startHand, TeamError, type Files, type Hand, type Post } from "./hand.ts";
import type { Turns } from "./messages.ts";

export interface Team extends AsyncDisposable {
  enqueue(from: number, to: number): Promise<void>;
  offer(from: number, to: number, originNs: number, seconds: number): Promise<void>;
  /** @param broker the store's pid, where it is known */
  work(jobs: number, broker: number | undefined): Promise<void>;
  /** What the stretch of work took; undefined when not all of its jobs came to their end. */
  rest(): Promise<Turns | undefined>;
  /** As last told. */
  progress(): { readonly ended: number; readonly settled: number };
  /** Resolves when both have left in order. @throws when one has not */
  leave(): Promise<void>;
}

const readyMs = 120_000;

/** @param journals each is told of every process: the round's, and the comparison's own, by which they are ended after a crash */
export async function startTeam(post: Post, files: Files, journals: readonly Journal[]): Promise<Team> {
  const producer = startHand(post, "producer", 1, files, journals);
  const worker = startHand(post, "worker", 2, files, journals);
  const hands: readonly Hand[] = [producer, worker];
  const kill = async (): Promise<void> => {
    await Promise.all(hands.map((hand) => hand.kill()));
  };
  try {
    await Promise.all(hands.map(({ ready, name }) => within(ready, readyMs, `${name} to be ready`)));
  } catch (thrown) {
    await kill();
    throw thrown instanceof UserError ? thrown : new TeamError(messageOf(thrown));
  }
  return {
    async enqueue(from, to) {
      await producer.obey({ do: "enqueue", from, to });
    },
    async offer(from, to, originNs, seconds) {
      await producer.obey({ do: "offer", from, to, originNs, seconds });
    },
    async work(jobs, broker) {
      await worker.obey({ do: "work", jobs, broker });
    },
    rest: () => worker.obey({ do: "rest" }),
    progress: () => worker.progress(),
    async leave() {
      await Promise.all(hands.map((hand) => hand.leave()));
    },
    [Symbol.asyncDispose]: kill,
  };
}
