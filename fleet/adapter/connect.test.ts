import { expect, test } from "vitest";
import type { Load } from "../../scenarios/contract.ts";
import stream from "../../systems/stream.ts";
import type { Context } from "../../systems/contract.ts";
import { connectTo } from "./connect.ts";

const address = { host: "127.0.0.1", port: 1 };
const load: Load = {
  curve: "steady",
  jobs: 1,
  seconds: 1,
  producers: 1,
  workers: 1,
  concurrency: 1,
  payloadBytes: 60,
  work: { durationMs: [0, 0], failing: 0, alwaysFailing: 0, killing: 0, delayed: { share: 0, upToMs: 0 } },
  retries: { attempts: 3, backoffMs: 50 },
};

/** What the system is told. */
async function told(changes: Partial<Load>): Promise<Context> {
  const contexts: Context[] = [];
  const connect = (context: Context) => {
    contexts.push(context);
    return Promise.reject(new Error("told"));
  };
  const links = { commands: address, blocking: address };
  const post = {
    system: "told",
    settings: {},
    links,
    namespace: "test",
    slot: 2,
    incarnation: 7,
    role: "worker",
    patienceMs: 60_000,
  } as const;
  const systems = { told: async () => ({ default: { ...stream, connect } }) };
  const connecting = connectTo(
    systems,
    { ...post, load: { ...load, ...changes } },
    {
      load: () => Promise.resolve(),
      flaw: (why) => expect.fail(why),
    },
  );
  await expect(connecting).rejects.toThrow("told");
  const [context] = contexts;
  if (context === undefined) throw new Error("nobody was told anything");
  return context;
}

test("a system is told who connects, how often a job is tried, and the weights of the priorities where there are any", async () => {
  expect(await told({})).toMatchObject({ name: "worker-2-7", role: "worker", retries: load.retries });
  expect(await told({})).not.toHaveProperty("priorities");
  const priorities = { high: { weight: 8, share: 0.2 }, low: { weight: 1, share: 0.8 } };
  expect(await told({ priorities })).toMatchObject({ priorities: { high: 8, low: 1 } });
});
