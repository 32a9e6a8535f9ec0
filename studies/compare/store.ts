/** The store that all configurations share, and its housekeeping, which must not fall into a slice. */
import { Redis } from "ioredis";
import type { Environment } from "../../harness/environment/provide.ts";
import { eventually } from "../../std/deadline.ts";

export interface Store extends Disposable {
  /** Where it runs here, started by the comparison. */
  readonly pid: number | undefined;
  /** Between rounds: rewrites the log, which grows by all that was ever written. Does nothing to a store that is not ours. */
  tidy(): Promise<void>;
}

const rewriteMs = 120_000;

/** From here on a store that the comparison started itself rewrites its log only when it is told to. */
export async function openStore({ redis }: Environment): Promise<Store> {
  const client = new Redis({ ...redis.address });
  client.on("error", () => {}); // told by what fails
  const handles = redis.store?.handles();
  const isOurs = handles !== undefined;
  if (isOurs) await client.config("SET", "auto-aof-rewrite-percentage", "0");
  const persistence = async (): Promise<(name: string) => boolean> => {
    const info = await client.info("persistence");
    return (name) => new RegExp(`^${name}:1`, "m").test(info);
  };
  return {
    pid: handles !== undefined && "identity" in handles ? handles.identity?.pid : undefined,
    async tidy() {
      if (!isOurs || !(await persistence())("aof_enabled")) return;
      await client.bgrewriteaof();
      const isDone = async (): Promise<boolean> => {
        const is = await persistence();
        return !is("aof_rewrite_in_progress") && !is("aof_rewrite_scheduled");
      };
      await eventually(isDone, { deadlineMs: rewriteMs, awaited: "the store to rewrite its log" });
    },
    [Symbol.dispose]: () => client.disconnect(),
  };
}
