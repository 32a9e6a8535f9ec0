/**
 * The store in a container: stopped, killed and started again by the engine, on the same port and with the same data.
 */
import { answersPing, servedBy, type ContainedHandles, type OwnStore } from "../../chaos/levers/store.ts";
import { eventually } from "../../std/deadline.ts";
import { onFreePort } from "../../std/free-port.ts";
import { messageOf, UserError } from "../../std/user-error.ts";
import { askRedis, settingsFor, type RedisEndpoint, type RedisNeed } from "./any-redis.ts";
import { images, type Contained } from "./containers.ts";
import type { Provider } from "./contract.ts";

/** Reading a large append-only file takes its time. */
const startMs = 120_000;
const stopMs = 60_000;

export const redisContainer: Provider<RedisNeed, RedisEndpoint> = {
  name: "container",
  async provide({ profile, containers, log }, scope) {
    const engine = await containers.engage();
    if ("unavailable" in engine) return engine;
    const missing = await engine.missing("redis");
    if (missing !== undefined) return missing;
    const store = await onFreePort(async (port) => {
      // The image keeps its data in its working directory, and nobody but us reaches it: it needs no protection.
      const words = ["redis-server", "--bind", engine.listen, "--protected-mode", "no", ...settingsFor(profile, port)];
      const server = await engine.create({ name: "redis", words, ports: [port] });
      const address = { host: engine.host, port };
      const started = containedStore({ address, container: server.id, log }, () => Promise.resolve(server));
      scope.defer(() => started.close());
      try {
        await started.start();
        return started;
      } catch (thrown) {
        await started.close();
        if (/already in use/i.test(messageOf(thrown))) return "taken";
        throw new UserError(`a container of ${images.redis} does not start: ${messageOf(thrown)}; see ${log}`);
      }
    });
    const inside = engine.network === "own" ? { inside: { host: "redis", port: store.address.port } } : {};
    return { address: store.address, store, ...inside, ...(await askRedis(store.address)) };
  },
};

/** @param find the container, here or in another process */
function containedStore(handles: ContainedHandles, find: () => Promise<Contained>): OwnStore<ContainedHandles> {
  const { address, log } = handles;
  let closed = false;
  let meant = false;
  return {
    address,
    nodes: [address],
    servers: [
      {
        address,
        async ended() {
          if (meant || closed) return undefined;
          const { pid, exit } = await (await find()).state();
          return pid === 0 ? `code ${exit}` : undefined;
        },
        processorMs: () => undefined,
      },
    ],
    handles: () => handles,
    answers: (deadlineMs) => answersPing(address, deadlineMs),
    async stop(how) {
      const container = await find();
      if ((await container.state()).pid === 0) throw new Error("the store does not run: there is nothing to stop");
      meant = true;
      await (how === "crash" ? container.kill() : container.stop(stopMs));
    },
    async start() {
      if (closed) throw new Error("the store was closed for good");
      const container = await find();
      if ((await container.state()).pid === 0) await container.start();
      meant = false;
      await eventually(
        async () => {
          const { pid, exit } = await container.state();
          if (pid === 0) throw new Error(`it ended with ${exit}: ${await container.keep(log)}`);
          return (await answersPing(address, 1000)) && (await servedBy(address)) === pid;
        },
        { deadlineMs: startMs, awaited: `the container of the store to answer on port ${address.port}`, everyMs: 10 },
      );
    },
    async close() {
      if (closed) return;
      closed = true;
      const container = await find();
      await container.keep(log).catch(() => {}); // nobody is to wait for it
      await container.remove();
    },
  };
}
