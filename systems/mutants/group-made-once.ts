/** Broken: the consumer group is made when a producer starts, and by nobody afterwards. */
import { openBroker } from "../../engine/redis/broker.ts";
import { group, keysOf } from "../../engine/redis/keys.ts";
import { scripts, stepsOn } from "../../engine/redis/steps.ts";
import type { Mutant } from "../contract.ts";
import { streamSystem, type StreamConfig } from "../stream.ts";
import { patched } from "./patched.ts";

const join = patched(scripts.join, {
  "local made = redis.pcall('XGROUP', 'CREATE', jobs, ARGV[1], '0', 'MKSTREAM')": "local made",
});

const system = streamSystem(
  "The reference engine, except that producers make the consumer group when they start, and workers expect to find it. After a store that came back with nothing there is none: every worker is told NOGROUP, and asks again, for ever.",
  (tools) => {
    const { commands } = tools;
    const unhelpful: typeof commands = {
      ...commands,
      command: async (name, ...args) =>
        name === "XGROUP" && args[0] === "CREATE" ? { kind: "answer", value: "OK" } : commands.command(name, ...args),
    };
    return stepsOn({ ...tools, commands: unhelpful }, { ...scripts, join });
  },
);

export default {
  ...system,
  async connect(context, config) {
    if (context.role === "producer") {
      const broker = openBroker({ to: context.links.commands, name: `${context.name}:setup` }, () => {});
      const { jobs } = keysOf(context.namespace, "job");
      await broker.whenReady();
      await broker.command("XGROUP", "CREATE", jobs, group, "0", "MKSTREAM"); // BUSYGROUP where another was first
      broker.close();
    }
    return system.connect(context, config);
  },
  killedBy: "progress",
  under: "empty-restart",
  hiddenUnder: { day: "its store comes back with what it had on disk, and the consumer group with it" },
  related: [],
} satisfies Mutant<StreamConfig>;
