/** The store that all configurations share, and its housekeeping, which must not fall into a slice. */
import { Redis } from "ioredis";
import type { Environment } from "../../harness/environment/provide.ts";
import { eventually } from "../../std/deadline.ts";

export interface Store extends Disposable {
  /** Its processes here, where the comparison started them. */
  readonly pids: readonly number[];
  /**
   * Between rounds: rewrites the log, which grows by all that was ever written. Does nothing to a store that is not
   * ours.
   */
  tidy(): Promise<void>;
}

const rewriteMs = 120_000;

/** From here on a store that the comparison started itself rewrites its log only when it is told to. */
export async function openStore({ redis }: Pick<Environment, "redis">): Promise<Store> {
  const handles = redis.store?.handles();
  using scope = new DisposableStack();
  const nodes =
    handles === undefined
      ? []
      : (redis.nodes ?? [redis.address]).map(({ host, port }) => {
          const client = new Redis({ host, port });
          client.on("error", () => {}); // told by what fails
          scope.defer(() => client.disconnect());
          return client;
        });
  await Promise.all(nodes.map((node) => node.config("SET", "auto-aof-rewrite-percentage", "0")));
  const open = scope.move();
  return {
    pids: handles === undefined ? [] : pidsOf(handles),
    async tidy() {
      await Promise.all(nodes.map(rewrite));
    },
    [Symbol.dispose]: () => open.dispose(),
  };
}

type Handles = ReturnType<NonNullable<Environment["redis"]["store"]>["handles"]>;

/** None where a container engine keeps it. */
function pidsOf(handles: Handles): readonly number[] {
  const servers = "nodes" in handles ? handles.nodes : [handles];
  return servers.flatMap((server) => ("identity" in server ? (server.identity?.pid ?? []) : []));
}

async function rewrite(node: Redis): Promise<void> {
  const persistence = async (): Promise<(name: string) => boolean> => {
    const info = await node.info("persistence");
    return (name) => new RegExp(`^${name}:1`, "m").test(info);
  };
  if (!(await persistence())("aof_enabled")) return;
  await node.bgrewriteaof();
  const isDone = async (): Promise<boolean> => {
    const is = await persistence();
    return !is("aof_rewrite_in_progress") && !is("aof_rewrite_scheduled");
  };
  await eventually(isDone, { deadlineMs: rewriteMs, awaited: "the store to rewrite its log" });
}
